import { execFileSync } from "child_process";
import * as fs from "fs";
import * as path from "path";

import { ObjectShape, Shape } from "./shape";

interface TypeSpec {
    type?: "string" | "number" | "integer" | "boolean" | "array" | "object";
    $ref?: string;
    items?: TypeSpec;
    additionalProperties?: TypeSpec;
}

interface ObjectSpec {
    properties?: Record<string, TypeSpec>;
    required?: string[];
}

interface ResourceSpec {
    inputProperties?: Record<string, TypeSpec>;
    requiredInputs?: string[];
}

/** The part of a Pulumi package schema that states the inputs. */
export interface PackageSchema {
    resources: Record<string, ResourceSpec>;
    types?: Record<string, ObjectSpec>;
}

/** Asks the plugin that Pulumi would start for its schema, be it a published or a built one. */
export function installedSchema(name: string): PackageSchema {
    const project = path.resolve(__dirname, "../../..");
    const manifest = fs.readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    const prepared = (command: string) =>
        execFileSync("bash", ["-c", `env="$("$0")" && eval "$env" && ${command}`, path.join(project, "tools/env")], {
            encoding: "utf8",
            maxBuffer: 64 * 1024 * 1024,
        });
    const plugin = path.join(
        prepared('printf %s "$PULUMI_HOME"'),
        `plugins/resource-${name}-v${version}/pulumi-resource-${name}`,
    );
    if (!fs.existsSync(plugin)) {
        throw new Error(`the plugin ${name} ${version} is not installed: run tools/bootstrap`);
    }
    return JSON.parse(prepared(`pulumi package get-schema "${plugin}"`)) as PackageSchema;
}

/** The shape of a resource's inputs as the schema states it. */
export function schemaInputs(schema: PackageSchema, token: string): ObjectShape {
    const resource = schema.resources[token];
    if (resource === undefined) throw new Error(`the plugin has no resource ${token}`);
    return objectShape(schema, resource.inputProperties ?? {}, resource.requiredInputs ?? []);
}

function objectShape(schema: PackageSchema, properties: Record<string, TypeSpec>, required: string[]): ObjectShape {
    return {
        kind: "object",
        properties: Object.fromEntries(
            Object.entries(properties).map(([name, spec]) => [
                name,
                { type: shape(schema, spec), required: required.includes(name) },
            ]),
        ),
    };
}

function shape(schema: PackageSchema, spec: TypeSpec): Shape {
    if (spec.$ref !== undefined) return referenced(schema, spec.$ref);
    switch (spec.type) {
        case "string":
        case "boolean":
            return { kind: spec.type };
        case "integer":
        case "number":
            return { kind: "number" };
        case "array":
            return { kind: "array", of: shape(schema, spec.items ?? {}) };
        case "object":
            return { kind: "map", of: shape(schema, spec.additionalProperties ?? { type: "string" }) };
        case undefined:
            throw new Error(`unexpected type in the schema: ${JSON.stringify(spec)}`);
    }
}

function referenced(schema: PackageSchema, reference: string): Shape {
    if (reference === "pulumi.json#/Any") return { kind: "any" };
    const type = schema.types?.[decodeURIComponent(reference.replace("#/types/", ""))];
    if (type === undefined) throw new Error(`the schema has no type ${reference}`);
    return objectShape(schema, type.properties ?? {}, type.required ?? []);
}
