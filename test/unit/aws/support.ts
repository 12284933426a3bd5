import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { parseSettings, type Settings } from "../../../config";
import type { AwsTarget } from "../../../components/target";
import { configuration, PROJECT, type Registration, settle, unwrapSecrets } from "../support/mocks";

export { configuration, PROJECT, sampleFile, settle, valueOf, type Registration } from "../support/mocks";

/** The account of all tests; AWS's own documentation uses it. */
export const ACCOUNT = "111122223333";
export const REGION = "eu-central-1";
/** What the stack of the tests is called; names start with `lakehouse-` and this. */
export const STACK = "aws";
/** The answer of STS. */
export const CALLER = {
    accountId: ACCOUNT,
    partition: "aws",
    callerArn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/ci`,
};
/** What the target aws cannot do without. */
export const REQUIRED = {
    target: "aws",
    region: REGION,
    owner: "data-platform",
    awsApiAccess: "203.0.113.0/24",
    catalogType: "glue",
};

/** A resource, and its options that matter for the stack's safety. */
export interface AwsRegistration extends Registration {
    readonly protect: boolean;
    /** URN of the provider; its name is the last but one part. */
    readonly provider: string;
    /** Names of the resources that it waits for. */
    readonly dependencies: readonly string[];
    readonly ignoreChanges: readonly string[];
}

/** Packages that the platform on AWS is made of; anything else fails the test. */
const PACKAGES =
    /^(aws|docker|kubernetes|random|pulumi:providers:(aws|docker|kubernetes)|pulumi:pulumi:Stack$|lakehouse:index)\b/;

/** Settings of the stack, as readSettings gives them. */
export function awsSettings(overrides: Record<string, string> = {}): Settings {
    return parseSettings(configuration({ ...REQUIRED, ...overrides }), STACK, PROJECT, () => true);
}

/**
 * Replaces Pulumi's engine by a recorder. Mocks prove what the program registers, not that AWS accepts it.
 *
 * @param registrations takes every registration that follows, in order
 */
export async function recordAws(registrations: AwsRegistration[]): Promise<void> {
    const options = new Map<string, Pick<AwsRegistration, "protect" | "dependencies" | "ignoreChanges">>();
    await pulumi.runtime.setMocks(
        {
            newResource: (args) => {
                if (!PACKAGES.test(args.type)) {
                    throw new Error(`unexpected resource ${args.type} ${args.name}`);
                }
                if (args.type === "pulumi:pulumi:Stack") {
                    return { id: args.name, state: {} };
                }
                const isComponent = args.type.startsWith("lakehouse:index:");
                const { inputs, secretInputs } = isComponent
                    ? { inputs: {}, secretInputs: [] }
                    : unwrapSecrets(args.inputs as Registration["inputs"]);
                registrations.push({
                    type: args.type,
                    name: args.name,
                    inputs,
                    secretInputs,
                    provider: args.provider ?? "",
                    ...options.get(`${args.type} ${args.name}`)!,
                });
                return { id: `${args.name}-id`, state: { ...inputs, ...computed(args.type, args.name, inputs) } };
            },
            call: (args) => answer(args.token, args.inputs as Record<string, unknown>, regionOf(registrations)),
        },
        "lakehouse",
        STACK,
        // As in an update: outputs are known, so that everything is seen.
        false,
    );
    keepOptions(options);
}

/** Pulumi's mocks do not hand over a resource's options; they are read where they pass by. */
function keepOptions(options: Map<string, Pick<AwsRegistration, "protect" | "dependencies" | "ignoreChanges">>): void {
    interface Request {
        getType(): string;
        getName(): string;
        getProtect(): boolean;
        getDependenciesList(): string[];
        getIgnorechangesList(): string[];
    }
    const monitor = pulumi.runtime.getMonitor() as unknown as {
        registerResource: (request: Request, callback: unknown) => Promise<void>;
    };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        options.set(`${request.getType()} ${request.getName()}`, {
            protect: request.getProtect(),
            dependencies: request.getDependenciesList().map((urn) => urn.split("::").at(-1)!),
            ignoreChanges: request.getIgnorechangesList(),
        });
        return register(request, callback);
    };
}

/** What AWS makes up when a resource is created, in the form in which it does. */
function computed(type: string, name: string, inputs: Registration["inputs"]): Record<string, unknown> {
    const own = String(inputs.name ?? inputs.bucket ?? name);
    const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
    const states: Record<string, Record<string, unknown>> = {
        "aws:cloudwatch/logGroup:LogGroup": { arn: arn("logs", `log-group:${own}`) },
        "aws:ec2/eip:Eip": { allocationId: `eipalloc-${name}`, publicIp: "198.51.100.7" },
        "aws:ec2/securityGroup:SecurityGroup": { arn: arn("ec2", `security-group/${name}-id`) },
        "aws:ec2/vpc:Vpc": { arn: arn("ec2", `vpc/${name}-id`) },
        "aws:ecr/repository:Repository": {
            arn: arn("ecr", `repository/${own}`),
            repositoryUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${own}`,
        },
        "aws:eks/cluster:Cluster": {
            arn: arn("eks", `cluster/${own}`),
            endpoint: `https://0123456789ABCDEF.gr7.${REGION}.eks.amazonaws.com`,
            certificateAuthority: { data: "Q0EgY2VydGlmaWNhdGU=" },
            vpcConfig: { ...(inputs.vpcConfig as object), clusterSecurityGroupId: "sg-0123456789abcdef0" },
        },
        "aws:glue/catalogDatabase:CatalogDatabase": { arn: arn("glue", `database/${own}`), catalogId: ACCOUNT },
        "aws:iam/role:Role": { arn: `arn:aws:iam::${ACCOUNT}:role/${own}` },
        "aws:kms/key:Key": { arn: arn("kms", `key/${name}`), keyId: name },
        "aws:rds/instance:Instance": {
            arn: arn("rds", `db:${String(inputs.identifier)}`),
            address: `${String(inputs.identifier)}.abcdefghijkl.${REGION}.rds.amazonaws.com`,
            endpoint: `${String(inputs.identifier)}.abcdefghijkl.${REGION}.rds.amazonaws.com:5432`,
            port: 5432,
        },
        "aws:s3/bucket:Bucket": { arn: `arn:aws:s3:::${own}` },
        "aws:secretsmanager/secret:Secret": { arn: arn("secretsmanager", `secret:${own}-AbCdEf`) },
        "docker:index/registryImage:RegistryImage": { sha256Digest: `sha256:${"0".repeat(64)}` },
        "docker:index/remoteImage:RemoteImage": { imageId: `sha256:${"1".repeat(64)}` },
        "random:index/randomId:RandomId": { b64Std: Buffer.from(name).toString("base64"), b64Url: name, hex: "00" },
        "random:index/randomPassword:RandomPassword": { result: `generated-${name}` },
    };
    return states[type] ?? {};
}

/** Region of the provider that asks. */
function regionOf(registrations: readonly AwsRegistration[]): string {
    return String(registrations.find(({ type }) => type === "pulumi:providers:aws")?.inputs.region);
}

/** Zones of a region, in no order; us-west-1 has two for everybody. */
function zonesOf(region: string): string[] {
    return (region === "us-west-1" ? ["c", "b"] : ["c", "a", "b"]).map((zone) => region + zone);
}

/** What AWS answers to questions. */
function answer(token: string, inputs: Record<string, unknown>, region: string): Record<string, unknown> {
    switch (token) {
        case "aws:index/getAvailabilityZones:getAvailabilityZones":
            return { names: zonesOf(region), zoneIds: [] };
        case "aws:iam/getSessionContext:getSessionContext":
            return { ...inputs, issuerArn: `arn:aws:iam::${ACCOUNT}:role/ci/deploy` };
        case "aws:ecr/getAuthorizationToken:getAuthorizationToken":
            return { userName: "AWS", password: "registry-token" };
        default:
            // A chart, and questions that helpers of other components ask, belong to their tests.
            throw new Error(`unexpected call ${token}`);
    }
}

/** Runs the whole program for the stack aws; STS answers CALLER. */
export async function runAwsProgram(
    overrides: Record<string, string> = {},
    registrations: AwsRegistration[] = [],
): Promise<{ registrations: AwsRegistration[]; outputs: Record<string, unknown> }> {
    await recordAws(registrations);
    const config = Object.entries(Object.fromEntries(configuration({ ...REQUIRED, ...overrides })));
    pulumi.runtime.setAllConfig(Object.fromEntries(config.map(([key, value]) => [`lakehouse:${key}`, value])));
    let outputs: Record<string, unknown> = {};
    await inStack(async () => {
        await jest.isolateModulesAsync(async () => {
            mockModules();
            const program = await import("../../../index");
            outputs = await program.default();
        });
    });
    await settle();
    return { registrations, outputs };
}

/** For the modules that a test loads afresh: one SDK for all of them, and an STS that answers CALLER. */
export function mockModules(): void {
    const sdks = { aws, docker, kubernetes, pulumi, random };
    Object.entries(sdks).forEach(([name, sdk]) => jest.doMock(`@pulumi/${name}`, () => sdk));
    jest.doMock("../../../components/target/aws-account", () => ({
        ...jest.requireActual<object>("../../../components/target/aws-account"),
        readAccount: () => Promise.resolve(CALLER),
    }));
}

/** A ground for testing one component alone; its providers are registered, the rest of it is not. */
export function awsTarget(overrides: Record<string, string> = {}): AwsTarget {
    const settings = awsSettings(overrides);
    const prefix = `lakehouse-${STACK}`;
    return {
        kind: "aws",
        stack: STACK,
        prefix,
        baseImage: settings.baseImage,
        projectDir: PROJECT,
        settings: settings.aws!,
        region: REGION,
        partition: "aws",
        accountId: ACCOUNT,
        network: {
            vpcId: "vpc-0123456789abcdef0",
            privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        },
        cluster: { name: prefix, securityGroupId: "sg-0123456789abcdef0" },
        namespace: "lakehouse",
        ready: pulumi.output<pulumi.Resource[]>([]),
        kmsKeyArn: pulumi.output(`arn:aws:kms:${REGION}:${ACCOUNT}:key/platform`),
        aws: new aws.Provider("target-aws", { region: REGION }),
        kubernetes: new kubernetes.Provider("target-kubernetes", { kubeconfig: "{}" }),
        registry: new docker.Provider("target-registry", {}),
    };
}

/** `Type name` of all but providers, in the order of their names. */
export function list(registrations: readonly AwsRegistration[]): string[] {
    return registrations
        .filter(({ type }) => !type.startsWith("pulumi:providers:"))
        .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
        .sort();
}

/** The inputs of the one resource of a type's last part and a name. */
export function inputsOf(registrations: readonly AwsRegistration[], resource: string): Registration["inputs"] {
    return registrationOf(registrations, resource).inputs;
}

/** The one resource of a type's last part and a name, such as `Bucket store-lake`. */
export function registrationOf(registrations: readonly AwsRegistration[], resource: string): AwsRegistration {
    const found = registrations.filter(({ type, name }) => `${type.split(":").at(-1)} ${name}` === resource);
    if (found.length !== 1) {
        throw new Error(`${found.length} resources are '${resource}' among:\n${list(registrations).join("\n")}`);
    }
    return found[0]!;
}

/** Runs something as Pulumi runs a program: below the stack's own resource, which transformations hang on. */
export async function inStack<T>(run: () => Promise<T>): Promise<T> {
    let outcome: PromiseSettledResult<T> | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
        // Pulumi would end the process, and the test with it.
        [outcome] = await Promise.allSettled([run()]);
        return {};
    });
    if (outcome!.status === "rejected") {
        throw outcome!.reason;
    }
    return outcome!.value;
}
