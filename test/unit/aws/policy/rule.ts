import type { AwsRegistration } from "../support";

/** A resource as the program registered it. */
export type Resource = Pick<AwsRegistration, "type" | "name" | "inputs" | "secretInputs" | "protect">;

/** All that one run of the program registered. */
export interface World {
    readonly resources: readonly Resource[];
    /** `dev`, or where data is protected. */
    readonly environment: string;
}

/** What must hold for every resource. */
export interface Rule {
    readonly name: string;
    /** Why, for who breaks it. */
    readonly description: string;
    /**
     * Judges one resource.
     *
     * @returns what is wrong, each as made by {@link wrong}; empty where the rule has nothing to say of it
     */
    readonly check: (resource: Resource, world: World) => string[];
}

/** One finding: whose it is, where, and what is wrong there. */
export function wrong(resource: Resource, property: string, problem: string): string {
    return `${resource.type} ${resource.name}: ${property} ${problem}`;
}

/** The value at a path such as `vpcConfig.subnetIds`, if it is there; of an array, `0` is the first. */
export function at(inputs: unknown, path: string): unknown {
    return path
        .split(".")
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], inputs);
}

/** A value that may be left out, or be alone where a list is meant, as a list. */
export function listOf(value: unknown): unknown[] {
    if (value === undefined || value === null) {
        return [];
    }
    return Array.isArray(value) ? value : [value];
}

/** All leaves of a value, with the paths to them. */
export function leaves(value: unknown, path = ""): [path: string, leaf: unknown][] {
    if (typeof value !== "object" || value === null) {
        return [[path, value]];
    }
    return Object.entries(value).flatMap(([key, each]) => leaves(each, path === "" ? key : `${path}.${key}`));
}

/** Whether an input names a resource: by its id under mocks, its ARN, or the name it has in AWS. */
export function names(value: unknown, resource: Resource): boolean {
    const { inputs, name } = resource;
    const own = [`${name}-id`, inputs.bucket, inputs.name, inputs.identifier].filter((each) => each !== undefined);
    return own.includes(value) || (typeof value === "string" && value.endsWith(`/${name}-id`));
}
