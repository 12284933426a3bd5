import * as fs from "fs";
import * as path from "path";
import Ajv from "ajv";
import { load } from "js-yaml";
import { SECRET_NAMES } from "../../../components/airflow-cluster/aws-secrets";
import { AIRFLOW_VERSION, type AirflowValues } from "../../../components/airflow-cluster/chart";
import { AIRFLOW_SIZES } from "../../../components/airflow-cluster/sizes";
import { taskPodTemplate, type TaskPodFacts } from "../../../components/airflow-cluster/task-pod";
import { renderAirflowValues } from "../../../components/airflow-cluster/values";
import { AWS_SIZES, type AwsSize } from "../../../components/target/aws-settings";
import { PROJECT } from "./support";
import { VALUES_SCHEMA } from "./values-schema";

const IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/lakehouse-aws/airflow:0123456789ab";
const DBT_IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/lakehouse-aws/dbt:0123456789ab";

const taskFacts: TaskPodFacts = {
    namespace: "lakehouse",
    image: IMAGE,
    configMap: "airflow-config",
    sparkMasterUrl: "k8s://https://kubernetes.default.svc:443",
    spark: {
        confMap: "spark-conf",
        envMap: "spark-driver-env",
        envSecret: "spark-driver-secrets",
        data: {
            store: { buckets: { lake: "lake", examples: "examples", logs: "logs" }, sampleKey: "customers.csv" },
            catalog: { type: "glue", sparkProperties: {} },
        },
    },
    dbt: { image: DBT_IMAGE, templateMap: "dbt-pod" },
    resources: AIRFLOW_SIZES.small.task,
};

function values(size: AwsSize = "small", facts: { image?: string; publicUrl?: string } = {}): AirflowValues {
    return renderAirflowValues({
        image: IMAGE,
        region: "eu-central-1",
        size: AIRFLOW_SIZES[size],
        secrets: SECRET_NAMES,
        taskLogs: "s3://logs/airflow",
        dbtImage: DBT_IMAGE,
        schemas: { raw: "lakehouse_aws_raw", analytics: "lakehouse_aws_analytics" },
        taskPod: taskPodTemplate(taskFacts),
        ...facts,
    });
}

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(VALUES_SCHEMA);

/** What the chart's schema has against values, as `path: problem`. */
function problemsOf(candidate: unknown): string[] {
    validate(JSON.parse(JSON.stringify(candidate)));
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
        [instancePath, message, ...Object.values(params).map(String)].join(" "),
    );
}

/** Airflow's configuration as the image has it, by section and key. */
function imageConfig(): Record<string, Record<string, string>> {
    const sections: Record<string, Record<string, string>> = {};
    let section: Record<string, string> = {};
    for (const line of fs.readFileSync(path.join(PROJECT, "images/airflow/airflow.cfg"), "utf8").split("\n")) {
        const [, name] = /^\[(.+)\]$/.exec(line) ?? [];
        const [, key, value] = /^([a-z_]+) = (.*)$/.exec(line) ?? [];
        if (name !== undefined) {
            section = sections[name] = {};
        } else if (key !== undefined) {
            section[key] = value!;
        }
    }
    return sections;
}

/** What the chart sets itself, and settings of a laptop that mean nothing in a cluster. */
const NOT_CARRIED = new Set([
    "core.executor",
    "core.auth_manager",
    "core.dags_folder",
    "core.plugins_folder",
    "core.load_examples",
    "logging.base_log_folder",
    "logging.colored_console_log",
]);

describe("the chart's values", () => {
    test.each(AWS_SIZES)("of size %s are what the chart's schema allows", (size) => {
        expect(problemsOf(values(size, { publicUrl: "http://localhost:8080" }))).toEqual([]);
    });

    test.each<[string, (good: AirflowValues) => unknown, string]>([
        ["an unknown value", (good) => ({ ...good, webserver: { replicas: 1 } }), "additional properties webserver"],
        [
            "a misspelt value",
            (good) => ({ ...good, scheduler: { ...good.scheduler, podDisruptionBudgets: {} } }),
            "/scheduler must NOT have additional properties podDisruptionBudgets",
        ],
        [
            "a value that only another service has",
            (good) => ({ ...good, triggerer: { ...good.triggerer, startupProbe: good.scheduler.startupProbe } }),
            "/triggerer must NOT have additional properties startupProbe",
        ],
        [
            "a number as text",
            (good) => ({ ...good, apiServer: { ...good.apiServer, replicas: "2" } }),
            "/apiServer/replicas must be integer",
        ],
        ["an unknown executor", (good) => ({ ...good, executor: "kubernetes" }), "/executor must match pattern"],
        [
            "a command for the api-server's probe",
            (good) => ({ ...good, apiServer: { ...good.apiServer, livenessProbe: good.scheduler.livenessProbe } }),
            "/apiServer/livenessProbe must NOT have additional properties command",
        ],
        [
            "a nested setting",
            (good) => ({ ...good, config: { core: { parallelism: { max: 1 } } } }),
            "/config/core/parallelism must be boolean,integer,number,string",
        ],
    ])("fail the schema with %s", (_, spoil, problem) => {
        expect(problemsOf(spoil(values())).join("\n")).toContain(problem);
    });

    test.each<[AwsSize, number[], string]>([
        ["small", [1, 1, 1, 1, 1], "8"],
        ["medium", [2, 2, 2, 2, 2], "32"],
        ["large", [4, 3, 2, 2, 2], "128"],
    ])("of size %s have as many pods and tasks", (size, replicas, parallelism) => {
        const { apiServer, scheduler, dagProcessor, triggerer, pgbouncer, config } = values(size);
        const services = [apiServer, scheduler, dagProcessor, triggerer, pgbouncer];
        expect(services.map((service) => service.replicas)).toEqual(replicas);
        expect(config.core!.parallelism).toBe(parallelism);
        for (const service of services) {
            expect(service.podDisruptionBudget).toEqual({ enabled: true, config: { maxUnavailable: 1 } });
            expect(service.resources.requests.memory).toBe(service.resources.limits.memory);
        }
    });

    test("name secrets and hold none", () => {
        const { data, fernetKeySecretName, apiSecretKeySecretName, jwtSecretName, pgbouncer } = values();
        expect([
            data.metadataSecretName,
            fernetKeySecretName,
            apiSecretKeySecretName,
            jwtSecretName,
            pgbouncer.configSecretName,
            pgbouncer.metricsExporterSidecar.statsSecretName,
        ]).toEqual([
            "airflow-connection",
            "airflow-keys",
            "airflow-keys",
            "airflow-keys",
            "airflow-pgbouncer-files",
            "airflow-pgbouncer-admin",
        ]);
    });

    test("carry what the image's airflow.cfg says, or say something else", () => {
        const { config } = values();
        const lost = Object.entries(imageConfig()).flatMap(([section, settings]) =>
            Object.keys(settings)
                .filter((key) => config[section]?.[key] === undefined)
                .map((key) => `${section}.${key}`),
        );
        expect(lost.filter((setting) => !NOT_CARRIED.has(setting))).toEqual([]);
    });

    test("are for the image's version of Airflow", () => {
        const requirements = fs.readFileSync(path.join(PROJECT, "images/airflow/requirements.txt"), "utf8");
        expect(/^apache-airflow==(\S+)/m.exec(requirements)?.[1]).toBe(AIRFLOW_VERSION);
    });

    test.each([
        [IMAGE, { repository: IMAGE.split(":")[0], tag: "0123456789ab" }],
        [
            `host:5000/airflow@sha256:${"a".repeat(64)}`,
            { repository: "host:5000/airflow", digest: `sha256:${"a".repeat(64)}` },
        ],
    ])("name the image %s", (image, expected) => {
        expect(values("small", { image }).images.airflow).toEqual(expected);
    });

    test("refuse an image without tag or digest", () => {
        expect(() => values("small", { image: "host/airflow" })).toThrow(
            "the image host/airflow has neither tag nor digest",
        );
    });

    test("leave no hook, no sidecar, no bundled database and no account of the chart's", () => {
        const { createUserJob, migrateDatabaseJob, postgresql, redis, statsd, rbac, ...rest } = values();
        const off = { enabled: false, useHelmHooks: false, applyCustomEnv: false, serviceAccount: { create: false } };
        expect([createUserJob, migrateDatabaseJob]).toEqual([off, off]);
        expect([postgresql, redis, statsd, rbac]).toEqual([
            { enabled: false },
            { enabled: false },
            { enabled: false },
            { create: false },
        ]);
        const { scheduler, dagProcessor, triggerer, apiServer, workers } = rest;
        expect([scheduler, dagProcessor, triggerer].map(({ logGroomerSidecar }) => logGroomerSidecar)).toEqual(
            Array(3).fill({ enabled: false }),
        );
        expect([apiServer, scheduler, dagProcessor, triggerer].map(({ serviceAccount }) => serviceAccount)).toEqual(
            Array(4).fill({ create: false, name: "airflow" }),
        );
        expect(workers.kubernetes.serviceAccount).toEqual({ create: false, name: "airflow-task" });
    });

    test("tell the DAG processor what makes the DAGs", () => {
        expect(values().dagProcessor.env).toEqual([
            { name: "LAKEHOUSE_DBT_IMAGE", value: DBT_IMAGE },
            { name: "LAKEHOUSE_DBT_POD_TEMPLATE", value: "/opt/lakehouse/dbt/pod.yaml" },
            { name: "LAKEHOUSE_DBT_RUNNER", value: "pods" },
            { name: "LAKEHOUSE_DBT_SCHEMA", value: "lakehouse_aws_analytics" },
            { name: "LAKEHOUSE_RAW_SCHEMA", value: "lakehouse_aws_raw" },
        ]);
    });

    test("let no template of Helm's slip in with the task's pod", () => {
        expect(values().podTemplate).not.toContain("{{");
    });
});

describe("the task's pod", () => {
    interface Env {
        name: string;
        value?: string;
        valueFrom?: { fieldRef: { fieldPath: string } };
    }
    interface Pod {
        spec: {
            serviceAccountName: string;
            nodeSelector: object;
            securityContext: object;
            containers: {
                name: string;
                image: string;
                env: Env[];
                envFrom: object[];
                securityContext: object;
                volumeMounts: { name: string; mountPath: string }[];
            }[];
            volumes: { name: string; configMap?: { name: string }; emptyDir?: object }[];
        };
    }
    const { spec } = load(taskPodTemplate(taskFacts)) as Pod;
    const container = spec.containers[0]!;

    test("is a Spark driver that can start dbt's pods", () => {
        expect(spec.serviceAccountName).toBe("airflow-task");
        expect(spec.nodeSelector).toEqual({ "karpenter.sh/capacity-type": "on-demand" });
        expect(container.name).toBe("base");
        expect(container.image).toBe(IMAGE);
        expect(container.envFrom).toEqual([
            { configMapRef: { name: "spark-driver-env" } },
            { secretRef: { name: "spark-driver-secrets" } },
        ]);
        expect(container.env).toEqual([
            { name: "LAKEHOUSE_DRIVER_HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            { name: "LAKEHOUSE_POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            { name: "LAKEHOUSE_POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
            { name: "LAKEHOUSE_DBT_IMAGE", value: DBT_IMAGE },
            { name: "LAKEHOUSE_DBT_POD_TEMPLATE", value: "/opt/lakehouse/dbt/pod.yaml" },
            { name: "LAKEHOUSE_DBT_RUNNER", value: "pods" },
            {
                name: "AIRFLOW_CONN_SPARK_DEFAULT",
                value:
                    '{"conn_type":"spark","host":"k8s://https://kubernetes.default.svc","port":443,' +
                    '"extra":{"deploy-mode":"client","namespace":"lakehouse"}}',
            },
        ]);
    });

    test("mounts the configuration of Airflow, Spark and dbt, and writes nowhere else than to empty directories", () => {
        const mounted = Object.fromEntries(container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
        const sources = spec.volumes.map(({ name, configMap, emptyDir }) => [
            mounted[name],
            configMap?.name ?? (emptyDir === undefined ? undefined : "empty"),
        ]);
        expect(Object.fromEntries(sources)).toEqual({
            "/opt/airflow/airflow.cfg": "airflow-config",
            "/opt/airflow/logs": "empty",
            "/opt/lakehouse/dbt": "dbt-pod",
            "/opt/spark/conf": "spark-conf",
            "/run/lakehouse": "empty",
            "/tmp": "empty",
            "/var/lib/lakehouse/spark/local": "empty",
        });
        expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
        });
    });

    test("needs a cluster that Kubernetes runs", () => {
        expect(() => taskPodTemplate({ ...taskFacts, sparkMasterUrl: "spark://spark-master:7077" })).toThrow(
            "spark://spark-master:7077 is no Kubernetes cluster",
        );
    });
});
