import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { load } from "js-yaml";

/** One resource that a test saw registered. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs are as varied as the resources
    readonly inputs: Record<string, any>;
    /** Names of the inputs that are marked as secret. */
    readonly secretInputs: string[];
}

/** Marks a secret on the wire (https://www.pulumi.com/docs/iac/concepts/secrets/). */
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** The project's root. */
export const PROJECT = path.resolve(__dirname, "../../..");

/** The types that the local platform is made of; anything else fails the test. */
const TYPES = [
    "docker:index/container:Container",
    "docker:index/network:Network",
    "docker:index/remoteImage:RemoteImage",
    "docker:index/volume:Volume",
    "random:index/randomPassword:RandomPassword",
];

/**
 * Replaces Pulumi's engine by a recorder. Mocks prove what the program registers, not that the provider accepts it, that
 * a container starts, or that a second update is empty: the end-to-end run proves that.
 *
 * @param registrations takes every registration that follows, in order
 */
export async function recordRegistrations(registrations: Registration[]): Promise<void> {
    await pulumi.runtime.setMocks(
        {
            newResource: (args) => {
                if (args.type.startsWith("lakehouse:index:")) {
                    registrations.push({ type: args.type, name: args.name, inputs: {}, secretInputs: [] });
                    return { id: args.name, state: {} };
                }
                if (!TYPES.includes(args.type)) {
                    throw new Error(`unexpected resource ${args.type} ${args.name}`);
                }
                const { inputs, secretInputs } = unwrapSecrets(args.inputs as Registration["inputs"]);
                registrations.push({ type: args.type, name: args.name, inputs, secretInputs });
                const computed = { result: `generated-${args.name}`, imageId: `id-of-${String(inputs.name)}` };
                return { id: `${args.name}-id`, state: { ...inputs, ...computed } };
            },
            call: (args) => {
                throw new Error(`unexpected call ${args.token}`);
            },
        },
        "lakehouse",
        "test",
        // As in a preview, nobody waits for containers.
        true,
    );
}

/** Takes the marks of secrets off inputs. */
export function unwrapSecrets(wrapped: Registration["inputs"]): Pick<Registration, "inputs" | "secretInputs"> {
    const isSecret = (value: unknown): value is { value: unknown } =>
        typeof value === "object" && value !== null && Object.values(value).includes(SECRET_SIGNATURE);
    const entries = Object.entries(wrapped);
    return {
        inputs: Object.fromEntries(entries.map(([key, value]) => [key, isSecret(value) ? value.value : value])),
        secretInputs: entries.filter(([, value]) => isSecret(value)).map(([key]) => key),
    };
}

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

/** Waits until everything that the outputs stand for is registered. */
export async function settle(): Promise<void> {
    await pulumi.runtime.disconnect();
}

/** Values of a configuration as Pulumi hands them over: the defaults of Pulumi.yaml with the given ones on top. */
export function configuration(overrides: Record<string, string> = {}): Map<string, string> {
    const project = load(fs.readFileSync(path.join(PROJECT, "Pulumi.yaml"), "utf8")) as {
        config: Record<string, { default?: unknown }>;
    };
    const defaults = Object.entries(project.config)
        .filter(([, setting]) => setting.default !== undefined)
        .map(([key, setting]): [string, string] => [key.replace("lakehouse:", ""), String(setting.default)]);
    return new Map([...defaults, ["target", "local"], ["samplePath", sampleFile()], ...Object.entries(overrides)]);
}

let sample: string | undefined;

/** A sample file with all needed columns and one row. */
export function sampleFile(): string {
    if (sample === undefined) {
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lakehouse-sample-"));
        process.once("exit", () => fs.rmSync(directory, { recursive: true }));
        sample = path.join(directory, "customers.csv");
        fs.writeFileSync(
            sample,
            "Index,Customer Id,First Name,Last Name,Company,City,Country,Phone 1,Phone 2,Email,Subscription Date,Website\n" +
                '1,A1,Zoë,Ng,"Ng, Ltd",Oslo,Norway,1,2,z@ng.example,2021-02-03,https://ng.example\n',
        );
    }
    return sample;
}
