import * as pulumi from "@pulumi/pulumi";
import { DbtRunner, type DbtPods } from "../../../components/dbt-runner";
import { below, expectRestricted, KEY, type Pod, statementsOf, STORE } from "./spark-support";
import {
    ACCOUNT,
    type AwsRegistration,
    awsTarget,
    inputsOf,
    list,
    recordAws,
    REGION,
    registrationOf,
    settle,
    valueOf,
} from "./support";

const IMAGE = new RegExp(`^${ACCOUNT}\\.dkr\\.ecr\\.${REGION}\\.amazonaws\\.com/lakehouse-aws/dbt:[0-9a-f]+$`);

async function createRunner(
    catalogType: "glue" | "jdbc" = "glue",
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; runner: DbtRunner }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const runner = new DbtRunner("dbt", {
        target: awsTarget(overrides),
        spark: {
            masterUrl: "k8s://https://kubernetes.default.svc:443",
            defaults: "",
            driverEnv: { LAKEHOUSE_PGPASS: pulumi.secret("pass-word") },
            pods: {
                confMap: "spark-conf",
                envMap: "spark-driver-env",
                envSecret: "spark-driver-secrets",
                data: { store: STORE, catalog: { type: catalogType, sparkProperties: {} } },
            },
        },
    });
    await settle();
    return { registrations, runner };
}

function podOf(registrations: AwsRegistration[]): Pod {
    const { data } = inputsOf(registrations, "ConfigMap dbt-pod") as { data: Record<string, string> };
    expect(Object.keys(data)).toEqual(["pod.yaml"]);
    return JSON.parse(data["pod.yaml"]!) as Pod;
}

describe("dbt on AWS", () => {
    let registrations: AwsRegistration[];
    let runner: DbtRunner;

    beforeAll(async () => {
        ({ registrations, runner } = await createRunner());
    });

    test("is made of exactly these resources: nothing runs in between", () => {
        expect(list(registrations)).toEqual([
            "ConfigMap dbt-pod",
            "DbtRunner dbt",
            "LifecyclePolicy dbt-repository-lifecycle",
            "PodIdentityAssociation dbt-association",
            "RegistryImage dbt-pushed-image",
            "RemoteImage dbt-image",
            "RemoteImage dbt-image-with-dbt",
            "Repository dbt-repository",
            "Role dbt-launcher-role",
            "Role dbt-role",
            "RoleBinding dbt-launcher-binding",
            "RolePolicy dbt-policy",
            "ServiceAccount dbt-account",
        ]);
    });

    test("tells Airflow how to start it", async () => {
        const facts = runner.facts as DbtPods;
        expect({ ...facts, image: "" }).toEqual({
            kind: "pods",
            image: "",
            serviceAccount: "dbt",
            templateMap: "dbt-pod",
        });
        expect(await valueOf(pulumi.output(facts.image))).toMatch(IMAGE);
    });

    test("lets Airflow's tasks start its pod and follow it, and nobody else", () => {
        expect(inputsOf(registrations, "Role dbt-launcher-role")).toMatchObject({
            metadata: { name: "dbt-launcher", namespace: "lakehouse" },
            rules: [
                {
                    apiGroups: [""],
                    resources: ["pods"],
                    verbs: ["create", "delete", "get", "list", "patch", "watch"],
                },
                { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
                { apiGroups: [""], resources: ["events"], verbs: ["list"] },
            ],
        });
        expect(inputsOf(registrations, "RoleBinding dbt-launcher-binding")).toMatchObject({
            roleRef: { kind: "Role", name: "dbt-launcher" },
            subjects: [{ kind: "ServiceAccount", name: "airflow-task", namespace: "lakehouse" }],
        });
    });

    test("writes below the warehouse and event logs only, and Glue's tables where they are the catalog", async () => {
        const glue = statementsOf(registrations, "RolePolicy dbt-policy");
        const common = [
            "LakeObjects",
            "LakeList",
            "SampleObject",
            "SampleList",
            "Key",
            "EventLogsObjects",
            "EventLogsList",
        ];
        expect(Object.keys(glue)).toEqual([...common, "GlueTables"]);
        expect(glue.LakeObjects!.Resource).toEqual(below("lake-bucket/warehouse"));
        expect(glue.EventLogsObjects!.Action).toContain("s3:PutObject");
        expect(glue.EventLogsObjects!.Resource).toEqual(below("logs-bucket/spark-events"));
        expect(glue.Key!.Resource).toEqual([KEY]);
        expect(glue.GlueTables!.Resource).toContain(
            `arn:aws:glue:${REGION}:${ACCOUNT}:table/lakehouse_aws_analytics/*`,
        );
        const jdbc = statementsOf((await createRunner("jdbc")).registrations, "RolePolicy dbt-policy");
        expect(Object.keys(jdbc)).toEqual(common);
    });

    test("has a restricted pod, a Spark driver on a node that is not taken back", () => {
        const pod = podOf(registrations);
        expectRestricted(pod.spec);
        expect(pod).toMatchObject({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { namespace: "lakehouse", labels: { app: "dbt" } },
            spec: {
                serviceAccountName: "dbt",
                restartPolicy: "Never",
                nodeSelector: { "karpenter.sh/capacity-type": "on-demand" },
            },
        });
        const [container] = pod.spec.containers;
        expect(container).toMatchObject({
            name: "base",
            env: [
                { name: "LAKEHOUSE_DRIVER_HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
                { name: "LAKEHOUSE_POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "LAKEHOUSE_POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
            ],
            envFrom: [{ configMapRef: { name: "spark-driver-env" } }, { secretRef: { name: "spark-driver-secrets" } }],
            resources: { requests: { cpu: "500m", memory: "3Gi" }, limits: { memory: "3Gi" } },
        });
        expect(container!.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
            "/opt/spark/conf",
            "/run/lakehouse",
            "/tmp",
            "/var/lib/lakehouse/spark/local",
        ]);
    });

    test.each([
        ["small", "3Gi"],
        ["medium", "4Gi"],
        ["large", "7Gi"],
    ])("has memory by size: %s", async (size, memory) => {
        const [container] = podOf((await createRunner("glue", { size })).registrations).spec.containers;
        expect(container!.resources.limits).toEqual({ memory });
    });

    test("talks to the Kubernetes API, as a driver must", () => {
        expect(inputsOf(registrations, "ServiceAccount dbt-account")).toMatchObject({
            metadata: { name: "dbt", namespace: "lakehouse" },
            automountServiceAccountToken: true,
        });
    });

    test("shows no secret", () => {
        expect(JSON.stringify(registrations)).not.toContain("pass-word");
        expect(registrationOf(registrations, "ConfigMap dbt-pod").secretInputs).toEqual([]);
    });
});
