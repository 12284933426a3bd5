import type { SparkCluster } from "../../../components/spark-cluster";
import {
    below,
    createCluster,
    executorPod,
    expectRestricted,
    IMAGE,
    KEY,
    type Pod,
    statementsOf,
} from "./spark-support";
import { type AwsRegistration, awsSettings, inputsOf, list, registrationOf } from "./support";

describe("Spark on AWS", () => {
    let registrations: AwsRegistration[];
    let cluster: SparkCluster;

    beforeAll(async () => {
        ({ registrations, cluster } = await createCluster());
    });

    test("is made of exactly these resources", () => {
        expect(list(registrations)).toEqual([
            "ConfigMap spark-conf",
            "ConfigMap spark-driver-env",
            "ConfigMap spark-history-conf",
            "Deployment spark-history",
            "LifecyclePolicy spark-repository-lifecycle",
            "NodePool spark-executor-nodes",
            "PodIdentityAssociation spark-executor-association",
            "PodIdentityAssociation spark-history-association",
            "RegistryImage spark-pushed-image",
            "RemoteImage spark-image",
            "Repository spark-repository",
            "Role spark-driver-role",
            "Role spark-executor-role",
            "Role spark-history-role",
            "RoleBinding spark-driver-binding",
            "RolePolicy spark-executor-policy",
            "RolePolicy spark-history-policy",
            "Secret spark-driver-secrets",
            "Service spark-history-service",
            "ServiceAccount spark-executor-account",
            "ServiceAccount spark-history-account",
            "SparkCluster spark",
        ]);
    });

    test("has no nodes of its own where executors run on demand", async () => {
        const { registrations } = await createCluster("glue", { sparkSpot: "false" });
        expect(list(registrations)).not.toContain("NodePool spark-executor-nodes");
        expect(executorPod(registrations).spec).toMatchObject({
            nodeSelector: { "karpenter.sh/capacity-type": "on-demand" },
            tolerations: [],
        });
    });

    test("has a history server on this machine once its port is forwarded, and no master and no Connect server", () => {
        expect(cluster.historyUrl).toBe("http://localhost:18080");
        expect([cluster.masterUiUrl, cluster.connect]).toEqual([undefined, undefined]);
        expect(cluster.facts.masterUrl).toBe("k8s://https://kubernetes.default.svc:443");
        expect(cluster.facts.pods).toMatchObject({
            confMap: "spark-conf",
            envMap: "spark-driver-env",
            envSecret: "spark-driver-secrets",
        });
    });

    test("refuses Spark Connect before anything is made", () => {
        expect(() => awsSettings({ sparkConnect: "true" })).toThrow(
            "lakehouse:sparkConnect: 'true' is not allowed on the target aws, where no Spark Connect server runs. " +
                "Allowed: false. Fix it with: pulumi config set lakehouse:sparkConnect false",
        );
    });

    test("lets drivers do with pods what Spark does, and executors and the history server nothing", () => {
        expect(inputsOf(registrations, "Role spark-driver-role")).toMatchObject({
            metadata: { name: "spark-driver", namespace: "lakehouse" },
            rules: [
                {
                    apiGroups: [""],
                    resources: ["pods"],
                    verbs: ["create", "delete", "deletecollection", "get", "list", "watch"],
                },
            ],
        });
        expect(inputsOf(registrations, "RoleBinding spark-driver-binding")).toMatchObject({
            roleRef: { kind: "Role", name: "spark-driver" },
            subjects: [
                { kind: "ServiceAccount", name: "airflow-task", namespace: "lakehouse" },
                { kind: "ServiceAccount", name: "dbt", namespace: "lakehouse" },
            ],
        });
        for (const account of ["spark-executor", "spark-history"]) {
            expect(inputsOf(registrations, `ServiceAccount ${account}-account`)).toMatchObject({
                metadata: { name: account, namespace: "lakehouse" },
                automountServiceAccountToken: false,
            });
        }
    });

    test("lets executors read and write data, and no catalog and no event log", () => {
        const statements = statementsOf(registrations, "RolePolicy spark-executor-policy");
        expect(Object.keys(statements)).toEqual(["LakeObjects", "LakeList", "SampleObject", "SampleList", "Key"]);
        expect(statements.LakeObjects).toMatchObject({
            Action: [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            Resource: [...below("lake-bucket/spark_job"), ...below("lake-bucket/warehouse")],
        });
        expect(statements.SampleObject).toMatchObject({
            Action: ["s3:GetObject"],
            Resource: ["arn:aws:s3:::examples-bucket/customers.csv"],
        });
        expect(statements.Key!.Resource).toEqual([KEY]);
    });

    test("lets the history server read event logs", () => {
        const statements = statementsOf(registrations, "RolePolicy spark-history-policy");
        expect(Object.keys(statements)).toEqual(["EventLogsObjects", "EventLogsList", "Key"]);
        expect(statements.EventLogsObjects).toMatchObject({
            Action: ["s3:GetObject"],
            Resource: below("logs-bucket/spark-events"),
        });
    });

    test("runs the history server as a restricted pod that waits for its identity", () => {
        const { dependencies, inputs } = registrationOf(registrations, "Deployment spark-history");
        expect(dependencies).toEqual(
            expect.arrayContaining(["spark-history-account", "spark-history-association", "spark-history-policy"]),
        );
        const { spec } = (inputs as { spec: { template: { spec: Pod["spec"] } } }).spec.template;
        expectRestricted(spec);
        expect(spec).toMatchObject({ serviceAccountName: "spark-history", automountServiceAccountToken: false });
        const [container] = spec.containers;
        expect(container!.image).toMatch(IMAGE);
        expect(container!.args).toEqual(["spark-class", "org.apache.spark.deploy.history.HistoryServer"]);
        const probe = { httpGet: { path: "/api/v1/applications?limit=1", port: 18080 } };
        expect(container).toMatchObject({ startupProbe: probe, readinessProbe: probe, livenessProbe: probe });
        expect(inputsOf(registrations, "Service spark-history-service")).toMatchObject({
            spec: { selector: { app: "spark-history" }, ports: [{ port: 18080 }] },
        });
    });

    test("replaces the history server's pod when its configuration changes", async () => {
        const hash = (all: AwsRegistration[]): unknown =>
            (
                inputsOf(all, "Deployment spark-history") as {
                    spec: { template: { metadata: { annotations: Record<string, string> } } };
                }
            ).spec.template.metadata.annotations["lakehouse/conf"];
        const { registrations: ofJdbc } = await createCluster("jdbc");
        expect(hash(registrations)).toMatch(/^[0-9a-f]{64}$/);
        // Another catalog is none of its business.
        expect(hash(ofJdbc)).toBe(hash(registrations));
    });
});

describe("an executor's pod", () => {
    test("is restricted, has an identity of its own and no access to the Kubernetes API", async () => {
        const { registrations } = await createCluster();
        const { spec } = executorPod(registrations);
        expectRestricted(spec);
        expect(spec).toMatchObject({
            serviceAccountName: "spark-executor",
            automountServiceAccountToken: false,
            nodeSelector: { "karpenter.sh/nodepool": "spark-executors" },
            tolerations: [{ key: "spark-executors", value: "true", effect: "NoSchedule", operator: "Equal" }],
        });
        const [container] = spec.containers;
        expect(container!.name).toBe("executor");
        expect(container!.volumeMounts).toEqual([
            { name: "run", mountPath: "/run/lakehouse" },
            { name: "tmp", mountPath: "/tmp" },
            { name: "spark-local-dir-1", mountPath: "/var/lib/lakehouse/spark/local" },
        ]);
        expect(container!.resources.limits).toEqual({ "ephemeral-storage": "13Gi" });
    });
});
