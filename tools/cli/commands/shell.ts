import { pick, type Context } from "../context";
import { containers, type ContainerFact } from "../docker";
import { UserError } from "../errors";
import { attach } from "../process";

/** A shell in a service's container, as the service's own user. */
export async function shell({ stack }: Context, service: string | undefined): Promise<number> {
    const fact = await running(stack, service);
    return attach("docker", ["exec", ...interactive(), fact.name, "bash"]);
}

/** A SQL prompt on the tables of the lakehouse, or the answer to one statement. */
export async function sparkSql({ stack }: Context, sql: string | undefined): Promise<number> {
    const fact = await running(stack, "dbt");
    return attach("docker", [
        "exec",
        ...(sql === undefined ? interactive() : ["--interactive"]),
        "--workdir",
        "/tmp",
        fact.name,
        "spark-sql",
        ...SPARK_SQL_ARGUMENTS,
        ...(sql === undefined ? [] : ["-e", sql]),
    ]);
}

/**
 * The prompt brings its own small Spark instead of taking cores from the cluster, so that it answers while
 * a job runs there. Only the project's catalog is wanted, hence no Hive metastore; and no event log, which
 * would stay unfinished in the history server for as long as the prompt is open.
 */
const SPARK_SQL_ARGUMENTS = [
    "--master",
    "local[1]",
    "--driver-memory",
    "512m",
    "--conf",
    "spark.sql.catalogImplementation=in-memory",
    "--conf",
    "spark.eventLog.enabled=false",
    "--conf",
    "spark.ui.enabled=false",
    "--conf",
    "spark.log.level=ERROR",
    "--conf",
    "spark.sql.cli.print.header=true",
];

const interactive = (): string[] => (process.stdin.isTTY ? ["--interactive", "--tty"] : ["--interactive"]);

async function running(stack: string, service: string | undefined): Promise<ContainerFact> {
    const found = await containers(stack);
    const wanted = pick(
        "service",
        "SERVICE",
        service,
        found.filter((fact) => fact.role === "service").map((fact) => fact.service),
    );
    const fact = found.find((each) => each.service === wanted);
    if (fact?.state !== "running") {
        throw new UserError(`${wanted} is not running`, `See why: make logs SERVICE=${wanted}; start it: make up`);
    }
    return fact;
}
