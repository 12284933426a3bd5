import { installedSchema, PackageSchema, schemaInputs } from "./plugin-schema";
import { SdkInputs } from "./sdk-inputs";
import { drift } from "./shape";

/** Every resource that the program registers, and what it may come to use. */
const RESOURCES: Record<string, string[]> = {
    docker: ["Container", "Network", "RemoteImage", "Volume"],
    random: ["RandomBytes", "RandomId", "RandomPassword"],
};

const sdk = new SdkInputs(Object.keys(RESOURCES).map((name) => `@pulumi/${name}`));

function token(packageName: string, resource: string): string {
    return `${packageName}:index/${resource.charAt(0).toLowerCase()}${resource.slice(1)}:${resource}`;
}

describe.each(Object.entries(RESOURCES))("the plugin %s", (packageName, resources) => {
    let schema: PackageSchema;

    beforeAll(() => {
        schema = installedSchema(packageName);
    });

    test.each(resources)("takes exactly the inputs that the SDK's %s has", (resource) => {
        const plugin = schemaInputs(schema, token(packageName, resource));
        expect(drift(resource, sdk.resource(`@pulumi/${packageName}`, resource), plugin)).toEqual([]);
    });
});

describe("a drift is noticed:", () => {
    const volume = (change: (schema: PackageSchema) => void): string[] => {
        const labels = { labels: { type: "array", items: { $ref: "#/types/label" } } } as const;
        const schema: PackageSchema = {
            resources: {
                "docker:index/volume:Volume": {
                    inputProperties: {
                        cluster: { $ref: "#/types/cluster" },
                        driver: { type: "string" },
                        driverOpts: { type: "object", additionalProperties: { type: "string" } },
                        name: { type: "string" },
                        ...labels,
                    },
                },
            },
            types: {
                label: {
                    properties: { label: { type: "string" }, value: { type: "string" } },
                    required: ["label", "value"],
                },
                cluster: {},
            },
        };
        change(schema);
        const all = drift(
            "Volume",
            sdk.resource("@pulumi/docker", "Volume"),
            schemaInputs(schema, "docker:index/volume:Volume"),
        );
        return all.filter((line) => !line.startsWith("Volume.cluster."));
    };
    const inputs = (schema: PackageSchema) => schema.resources["docker:index/volume:Volume"]!.inputProperties!;

    test("none where there is none", () => {
        expect(volume(() => undefined)).toEqual([]);
    });

    test("a property under another name", () => {
        const lines = volume((schema) => {
            inputs(schema)["driverOptions"] = inputs(schema)["driverOpts"]!;
            delete inputs(schema)["driverOpts"];
        });
        expect(lines).toEqual([
            "Volume.driverOptions: only the plugin has it",
            "Volume.driverOpts: only the SDK has it",
        ]);
    });

    test("another type, at the top and inside an object", () => {
        const lines = volume((schema) => {
            inputs(schema)["driver"] = { type: "array", items: { type: "string" } };
            schema.types!["label"]!.properties!["value"] = { type: "integer" };
        });
        expect(lines).toEqual([
            "Volume.driver: the SDK has string, the plugin array of string",
            "Volume.labels[].value: the SDK has string, the plugin number",
        ]);
    });

    test("a property that became required", () => {
        const lines = volume((schema) => {
            schema.resources["docker:index/volume:Volume"]!.requiredInputs = ["driver"];
        });
        expect(lines).toEqual(["Volume.driver: optional in the SDK, not so in the plugin"]);
    });

    test("a resource that is gone", () => {
        expect(() => volume((schema) => (schema.resources = {}))).toThrow(
            "the plugin has no resource docker:index/volume:Volume",
        );
    });
});
