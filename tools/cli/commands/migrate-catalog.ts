import type { Context } from "../context";
import { containers, docker, volumes, type ContainerFact } from "../docker";
import { UserError } from "../errors";
import { table } from "../format";
import { capture, lastLines } from "../process";
import { requireOutputs, stackArgument } from "../pulumi";

/** The platform's catalog types, as the setting catalogType names them. */
const TYPES = ["hadoop", "jdbc", "hive", "glue", "rest"] as const;
type Type = (typeof TYPES)[number];

/** Where a catalog says that the current metadata of a table is. */
interface Pointer {
    readonly namespace: readonly string[];
    readonly name: string;
    readonly metadata: string;
}

/** What became of one table, as dags/spark/register_tables_job.py tells it. */
export interface Registered {
    readonly table: string;
    readonly outcome: "registered" | "same" | "newer" | "differs" | "failed";
    readonly detail: string;
}

const MEANINGS: Record<Registered["outcome"], string> = {
    registered: "registered",
    same: "already there, the same",
    newer: "already there, written to since",
    differs: "NOT MIGRATED: another table of this name is there",
    failed: "FAILED",
};

/** The registry of JdbcCatalog, which the platform's REST server keeps its tables in as well. */
const JDBC_REGISTRY = {
    present: "to_regclass('iceberg_tables')",
    pointers: `select string_to_array(table_namespace, '.') as namespace, table_name as name,
            metadata_location as metadata
        from iceberg_tables where coalesce(iceberg_type, 'TABLE') = 'TABLE'`,
};

/** The databases that hold a catalog's pointers: which relation is there once it was used, and how they are read. */
const REGISTRIES: Partial<Record<Type, { database: string; present: string; pointers: string }>> = {
    jdbc: { database: "iceberg", ...JDBC_REGISTRY },
    rest: { database: "rest", ...JDBC_REGISTRY },
    hive: {
        database: "hive",
        present: `to_regclass('"TABLE_PARAMS"')`,
        pointers: `select array["DBS"."NAME"] as namespace, "TBL_NAME" as name, "PARAM_VALUE" as metadata
            from "TBLS" join "DBS" using ("DB_ID") join "TABLE_PARAMS" using ("TBL_ID")
            where "PARAM_KEY" = 'metadata_location'`,
    },
};

/** Checks both ends before anything is looked at. */
export function checkEnds(from: string | undefined, to: string | undefined): { from: Type; to: Type } {
    const ends = { from: checkType("FROM", from), to: checkType("TO", to) };
    if (ends.from === ends.to) {
        throw new UserError(`FROM and TO are both ${ends.from}`, "A catalog has its own tables already.");
    }
    if (ends.to === "hadoop") {
        throw new UserError(
            "TO=hadoop: the hadoop catalog has no registry, a table is where its name says",
            `Allowed: ${TYPES.filter((type) => type !== "hadoop").join(", ")}. Copy with: create table … as select …`,
        );
    }
    return ends;
}

function checkType(name: string, value: string | undefined): Type {
    const type = TYPES.find((each) => each === value);
    if (type) return type;
    const what = value === undefined ? `name the catalog with ${name}=` : `${name}="${value}" is not a type of catalog`;
    throw new UserError(what, `Known: ${TYPES.join(", ")}. For example: make migrate-catalog FROM=jdbc TO=rest`);
}

/**
 * Registers the tables of the platform's catalog of one type in the catalog of another, which the stack has been switched
 * to. The old catalog's server is not needed, and cannot be changed: its pointers are read from where it keeps them.
 *
 * @throws UserError when a table could not be migrated, after all others were
 */
export async function migrateCatalog(
    { stack, say }: Context,
    from: string | undefined,
    to: string | undefined,
): Promise<void> {
    const ends = checkEnds(from, to);
    const { catalogType } = await requireOutputs(stack);
    if (catalogType !== ends.to) {
        const argument = stackArgument(stack);
        throw new UserError(
            `TO=${ends.to}: the catalog of stack ${stack} is ${catalogType}`,
            `Switch first: pulumi config set catalogType ${ends.to}, then make up DEMO=0${argument}`,
        );
    }
    const found = await containers(stack);
    const pointers = ends.from === "hadoop" ? undefined : await readPointers(stack, found, ends.from);
    const results = await register(running(found, "airflow-scheduler"), pointers);
    if (results.length === 0) {
        say(`The platform's ${ends.from} catalog has no tables.`);
        return;
    }
    say(resultTable(results));
    say(advice(ends.from, ends.to));
    const missing = results.filter(({ outcome }) => outcome === "differs" || outcome === "failed");
    if (missing.length > 0) {
        throw new UserError(
            `${missing.length} of ${results.length} tables were not migrated: ${missing.map((each) => each.table).join(", ")}`,
            "Where another table is in the way, rename it, or drop it without PURGE; then run this again.",
        );
    }
}

/** What became of each table. */
export function resultTable(results: readonly Registered[]): string {
    return table(
        ["table", "result", "metadata, or reason"],
        results.map(({ table: name, outcome, detail }) => [name, MEANINGS[outcome], detail]),
    );
}

/** What to know while two catalogs have the same tables. */
function advice(from: Type, to: Type): string {
    const purge = from === "hadoop" ? "DROP TABLE" : "DROP TABLE … PURGE";
    return [
        `\nBoth catalogs now point at the same files. Use ${to} alone: it does not see what is written through ${from},`,
        `and maintenance or ${purge} through ${from} removes files that it needs.`,
    ].join("\n");
}

async function readPointers(stack: string, found: readonly ContainerFact[], from: Type): Promise<Pointer[]> {
    const registry = REGISTRIES[from];
    if (!registry) return readGlue(stack, running(found, "postgres"));
    const ask = (sql: string): Promise<string> => query(running(found, "postgres").name, registry.database, sql);
    if ((await ask(`select ${registry.present} is not null`)) !== "t") return [];
    return JSON.parse(
        await ask(`select coalesce(json_agg(found order by namespace, name), '[]') from (${registry.pointers}) found`),
    ) as Pointer[];
}

/** Asks one of the databases, in a session that cannot write. */
async function query(container: string, database: string, sql: string): Promise<string> {
    // The operating system vouches for the container's user.
    const socket = ["--host=/run/lakehouse", "--username=lakehouse"];
    const psql = ["psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "-At", ...socket, "-d", database, "-c", sql];
    const readOnly = ["--env", "PGOPTIONS=-c default_transaction_read_only=on"];
    return (await docker(["exec", ...readOnly, container, ...psql])).trim();
}

/** Reads the file that the double of Glue keeps on its volume (images/scripts/glue-server); any image can read it. */
async function readGlue(stack: string, reader: ContainerFact): Promise<Pointer[]> {
    const volume = `lakehouse-${stack}-glue`;
    if (!(await volumes(stack)).includes(volume)) return [];
    const mount = ["--network", "none", "--volume", `${volume}:/glue:ro`, "--entrypoint", "cat"];
    const text = await docker(["run", "--rm", ...mount, reader.image, "/glue/catalog.json"]);
    return parseGlue(text);
}

/** The Iceberg tables in the file of the double of Glue. */
export function parseGlue(text: string): Pointer[] {
    const { databases } = JSON.parse(text) as {
        databases: Record<string, { tables: Record<string, { input: { Parameters?: Record<string, string> } }> }>;
    };
    return Object.entries(databases).flatMap(([database, { tables }]) =>
        Object.entries(tables).flatMap(([name, { input }]) => {
            const metadata = input.Parameters?.metadata_location;
            return metadata === undefined ? [] : [{ namespace: [database], name, metadata }];
        }),
    );
}

/** Runs the job in the scheduler's container, which is a driver; with a small Spark of its own, as `make spark-sql`. */
async function register(scheduler: ContainerFact, pointers: readonly Pointer[] | undefined): Promise<Registered[]> {
    const conf = ["spark.eventLog.enabled=false", "spark.ui.enabled=false", "spark.log.level=ERROR"];
    const submit = [
        'spark-submit --master "local[1]" --driver-memory 512m',
        ...conf.map((each) => `--conf ${each}`),
        '/opt/airflow/dags/spark/register_tables_job.py --catalog "$LAKEHOUSE_CATALOG_NAME"',
        // As components/catalog lays it out: a prefix for each type.
        pointers ? '--tables "$tables"' : '--hadoop "$LAKEHOUSE_LAKE_URI/warehouse/hadoop"',
    ].join(" ");
    const script = `tables="$(mktemp)" && trap 'rm -f "$tables"' EXIT && cat >"$tables" && ${submit}`;
    const done = await capture("docker", ["exec", "--interactive", scheduler.name, "sh", "-c", script], {
        input: JSON.stringify(pointers ?? []),
    });
    if (done.code !== 0) {
        throw new UserError(`the tables could not be registered: ${lastLines(done.stderr || done.stdout, 8)}`);
    }
    return JSON.parse(lastLines(done.stdout, 1)) as Registered[];
}

function running(found: readonly ContainerFact[], service: string): ContainerFact {
    const fact = found.find((each) => each.service === service && each.state === "running");
    if (!fact)
        throw new UserError(`${service} is not running`, `See why: make logs SERVICE=${service}; start it: make up`);
    return fact;
}
