import * as pulumi from "@pulumi/pulumi";

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
