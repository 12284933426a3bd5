import { Command, Option } from "commander";
import { checkConf, checkCount, checkData, checkStackName, checkSwitch, projectRoot, type Context } from "./context";
import { describeError } from "./errors";

/** Options that commands share; each can come from the environment, which is how make passes its variables. */
interface Options {
    stack?: string;
    demo?: string;
    service?: string;
    dag?: string;
    conf?: string;
    data?: string;
    follow?: string;
    lines?: string;
    sql?: string;
    from?: string;
    to?: string;
    only?: string;
    out?: string;
}

// make exports variables that nobody set as empty ones.
for (const name of [
    "STACK",
    "DEMO",
    "SERVICE",
    "DAG",
    "CONF",
    "DATA",
    "FOLLOW",
    "LINES",
    "SQL",
    "FROM",
    "TO",
    "ONLY",
    "OUT",
    "DEBUG",
]) {
    if (process.env[name] === "") delete process.env[name];
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const program = new Command("lakehouse")
    .description("The daily commands of the platform; `make help` shows the short way to type them.")
    .option("--debug", "show where an error comes from")
    .configureHelp({ showGlobalOptions: true });

define("up", "bring the stack up and run the pipelines once", ["demo"], async (context, options) => {
    const { up } = await import("./commands/up");
    const demo = options.demo === undefined ? undefined : checkSwitch("DEMO", options.demo, true);
    await up(context, demo);
});

define("status", "containers, web pages, last runs", [], async (context) => {
    const { status } = await import("./commands/status");
    await status(context);
});

define("logs", "last lines of one service or of all", ["service", "follow", "lines"], async (context, options) => {
    const { logs } = await import("./commands/logs");
    await logs(context, {
        service: options.service,
        follow: checkSwitch("FOLLOW", options.follow, false),
        lines: checkCount("LINES", options.lines, 100),
    });
});

define("run", "run a pipeline and wait for it", ["dag", "conf"], async (context, options) => {
    const { run } = await import("./commands/run");
    await run(context, options.dag, checkConf(options.conf));
});

define("shell", "a shell in a service's container", ["service"], async (context, options) => {
    const { shell } = await import("./commands/shell");
    process.exitCode = await shell(context, options.service);
});

define("spark-sql", "a SQL prompt on the tables", ["sql"], async (context, options) => {
    const { sparkSql } = await import("./commands/shell");
    process.exitCode = await sparkSql(context, options.sql);
});

define("migrate-catalog", "register one catalog's tables in another", ["from", "to"], async (context, options) => {
    const { migrateCatalog } = await import("./commands/migrate-catalog");
    await migrateCatalog(context, options.from, options.to);
});

define("down", "destroy the stack, keep its data", ["data"], async (context, options) => {
    const { down } = await import("./commands/down");
    await down(context, checkData(options.data));
});

define("clean", "remove stack, data, images and caches", [], async (context) => {
    const { clean } = await import("./commands/down");
    await clean(context);
});

define("bench", "measure the platform", ["only", "out"], async (context, options) => {
    const { bench } = await import("./bench");
    await bench(context, options.only, options.out);
});

// The reader of a pipe may leave before an update is done (make up | head); the update goes on, unheard.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
});

program.parseAsync().catch((error: unknown) => {
    const { debug } = program.opts<{ debug?: boolean }>();
    const { text, exitCode } = describeError(error, debug ?? process.env.DEBUG !== undefined);
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
});

/** Adds a command that takes the stack and the named options. */
function define(
    name: string,
    description: string,
    options: readonly (keyof Options)[],
    action: (context: Context, options: Options) => Promise<void>,
): void {
    const command = program.command(name).description(description);
    for (const option of ["stack", ...options]) {
        command.addOption(new Option(`--${option} <value>`).env(option.toUpperCase()));
    }
    command.action(async (given: Options) => {
        const stack = checkStackName(given.stack ?? "local");
        await action({ root: projectRoot(), stack, say }, given);
    });
}
