import * as pulumi from "@pulumi/pulumi";
import { type Catalog, renderCatalog } from "../../../components/catalog";
import { SparkCluster } from "../../../components/spark-cluster";
import { ACCOUNT, type AwsRegistration, awsTarget, inputsOf, recordAws, REGION, settle } from "./support";

/** The store of all tests of Spark and dbt. */
export const STORE = {
    endpoint: `https://s3.${REGION}.amazonaws.com`,
    region: REGION,
    pathStyle: false,
    buckets: { lake: "lake-bucket", examples: "examples-bucket", logs: "logs-bucket" },
    sampleKey: "customers.csv",
};
const NO_WAIT = pulumi.output<pulumi.Resource[]>([]);
/** Reference of the image that a cluster pushes. */
export const IMAGE = new RegExp(`^${ACCOUNT}\\.dkr\\.ecr\\.${REGION}\\.amazonaws\\.com/lakehouse-aws/spark:[0-9a-f]+$`);
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/platform`;

/** ARNs of a prefix in a bucket, such as `lake-bucket/warehouse`: of the object of this name, and of all that is below it. */
export const below = (path: string): string[] => [`arn:aws:s3:::${path}`, `arn:aws:s3:::${path}/*`];

/** A catalog of a type, with a secret where the type has one. */
export function catalogOf(type: Catalog["type"]): Catalog {
    return renderCatalog(type, {
        store: STORE,
        database: { host: "database", port: 5432, name: "iceberg", password: pulumi.secret("pass-word"), tls: true },
        server: {
            uri: type === "rest" ? "https://catalog.example" : `https://glue.${REGION}.amazonaws.com`,
            ...(type === "rest" && { token: pulumi.secret("to-ken") }),
        },
    });
}

/** A cluster alone, and what it registers. */
export async function createCluster(
    type: Catalog["type"] = "glue",
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; cluster: SparkCluster }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const cluster = new SparkCluster("spark", {
        target: awsTarget(overrides),
        size: { workers: 1, workerCores: 2, workerMemoryMiB: 2048, connect: false },
        store: STORE,
        catalog: catalogOf(type),
        maintenance: { snapshotRetentionDays: 5, snapshotsKept: 1, orphanRetentionDays: 3 },
        storeReady: NO_WAIT,
    });
    await settle();
    return { registrations, cluster };
}

/** What tests read of a statement. */
export interface Statement {
    readonly Sid: string;
    readonly Action: string[];
    readonly Resource: string[];
}

/** Statements of a role's policy, by their ids. */
export function statementsOf(registrations: AwsRegistration[], policy: string): Record<string, Statement> {
    const { Statement } = JSON.parse(String(inputsOf(registrations, policy).policy)) as { Statement: Statement[] };
    return Object.fromEntries(Statement.map((statement) => [statement.Sid, statement]));
}

/** A pod of ours, as a file or a template. */
export interface Pod {
    readonly spec: {
        readonly securityContext: unknown;
        readonly volumes: { readonly name: string }[];
        readonly containers: {
            readonly name: string;
            readonly image?: string;
            readonly args?: string[];
            readonly securityContext: unknown;
            readonly resources: { readonly requests: object; readonly limits: Record<string, string> };
            readonly volumeMounts: { readonly name: string; readonly mountPath: string }[];
        }[];
    };
}

/** The pod that executors are made from. */
export function executorPod(registrations: AwsRegistration[]): Pod {
    const { data } = inputsOf(registrations, "ConfigMap spark-conf") as { data: Record<string, string> };
    return JSON.parse(data["executor-pod.yaml"]!) as Pod;
}

/** The restricted security standard, and a root file system that is read-only. */
export function expectRestricted(spec: Pod["spec"]): void {
    expect(spec.securityContext).toEqual({
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        seccompProfile: { type: "RuntimeDefault" },
    });
    for (const container of spec.containers) {
        expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
        });
        expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(
            spec.volumes.map(({ name }) => name).sort(),
        );
    }
}
