/** The inputs of a resource as both sides state them: the SDK's TypeScript types and the plugin's schema. */
export interface ObjectShape {
    kind: "object";
    properties: Record<string, PropertyShape>;
}

export interface PropertyShape {
    type: Shape;
    required: boolean;
}

export type Shape =
    { kind: "string" | "number" | "boolean" | "any" } | { kind: "array" | "map"; of: Shape } | ObjectShape;

/** Every difference, each as one sentence that names the place. */
export function drift(place: string, sdk: Shape, plugin: Shape): string[] {
    if (sdk.kind !== plugin.kind) {
        return [`${place}: the SDK has ${describe(sdk)}, the plugin ${describe(plugin)}`];
    }
    if ((sdk.kind === "array" || sdk.kind === "map") && sdk.kind === plugin.kind) {
        return drift(`${place}[]`, sdk.of, plugin.of);
    }
    if (sdk.kind === "object" && plugin.kind === "object") {
        return objectDrift(place, sdk, plugin);
    }
    return [];
}

function objectDrift(place: string, sdk: ObjectShape, plugin: ObjectShape): string[] {
    const names = [...new Set([...Object.keys(sdk.properties), ...Object.keys(plugin.properties)])].sort();
    return names.flatMap((name) => {
        const [mine, theirs] = [sdk.properties[name], plugin.properties[name]];
        const here = `${place}.${name}`;
        if (mine === undefined) return [`${here}: only the plugin has it`];
        if (theirs === undefined) return [`${here}: only the SDK has it`];
        const requirement =
            mine.required === theirs.required
                ? []
                : [`${here}: ${mine.required ? "required" : "optional"} in the SDK, not so in the plugin`];
        return [...requirement, ...drift(here, mine.type, theirs.type)];
    });
}

function describe(shape: Shape): string {
    return shape.kind === "array" || shape.kind === "map" ? `${shape.kind} of ${describe(shape.of)}` : shape.kind;
}
