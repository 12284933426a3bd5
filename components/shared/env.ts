import * as pulumi from "@pulumi/pulumi";
import type { ObjectStoreFacts } from "../object-store";

/** Environment variables by name. */
export type Env = Readonly<Record<string, pulumi.Input<string>>>;

/**
 * Renders an environment as `NAME=value` lines, sorted by name so that the order of the program's code never shows as
 * a change. The result is secret as soon as one value is.
 */
export function renderEnv(env: Env): pulumi.Output<string[]> {
    return pulumi.output(env).apply((values) =>
        Object.keys(values)
            .sort()
            .map((name) => `${name}=${values[name]}`),
    );
}

/** Environment of a process that uses the object store: its region, and keys where the store has any. */
export function storeEnv({ region, keys }: Pick<ObjectStoreFacts, "region" | "keys">): Env {
    return {
        AWS_REGION: region,
        ...(keys && { AWS_ACCESS_KEY_ID: keys.accessKey, AWS_SECRET_ACCESS_KEY: keys.secretKey }),
    };
}
