import type { Context } from "../context";
import { jobConf, runningContainer, submit } from "./driver";
import { round, timed, type Figure } from "./figure";
import { inOwnStack } from "./stack";

const TURNS = 3;
/** The first is what the others are compared with. */
const TYPES = ["jdbc", "hadoop", "hive", "glue", "rest"] as const;
const STEPS = ["create", "append", "merge", "read"] as const;

type Turn = Record<(typeof STEPS)[number], number>;

/** What Spark does to a table of a million rows with each type of catalog, in one stack whose type is switched. */
export async function catalogs({ root, say }: Context): Promise<Figure[]> {
    const turns = await inOwnStack(root, async ({ context, up }) => {
        const measured: Partial<Record<(typeof TYPES)[number], Turn[]>> = {};
        for (const type of TYPES) {
            await up({ catalogType: type });
            const scheduler = await runningContainer(context.stack, "airflow-scheduler");
            const conf = await jobConf(scheduler);
            const args = ["lakehouse.bench.million", String(TURNS)];
            measured[type] = (await submit({ root }, scheduler, "catalog_job.py", args, conf)) as Turn[];
            say(`catalogs: ${type}`);
        }
        return measured;
    });
    return perType(turns);
}

/** Each step's time by type, and its ratio to the first type's. */
export function perType(turns: Partial<Record<string, Turn[]>>): Figure[] {
    const [base, ...others] = TYPES.map((type) =>
        STEPS.map((step) => timed(`${type}, ${step} 1M rows`, turns[type]?.map((turn) => turn[step]) ?? [])),
    );
    const ratios = others.flatMap((figures) =>
        figures.map(({ name, value }, step) => ({
            name: `${name} / ${TYPES[0]}`,
            value: round(value / (base?.[step]?.value ?? NaN)),
            unit: "x",
        })),
    );
    return [...(base ?? []), ...others.flat(), ...ratios];
}
