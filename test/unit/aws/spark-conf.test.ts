import * as pulumi from "@pulumi/pulumi";
import type { Catalog } from "../../../components/catalog";
import { renderSparkDefaults } from "../../../components/spark-cluster/conf";
import { HISTORY_CONF, kubernetesConf, SPARK_SIZES } from "../../../components/spark-cluster/kubernetes";
import { catalogOf, createCluster, IMAGE, STORE } from "./spark-support";
import { inputsOf, REGION, registrationOf, valueOf } from "./support";

describe("a driver's configuration on Kubernetes", () => {
    const text = (size: keyof typeof SPARK_SIZES, catalog?: Catalog): string[] =>
        renderSparkDefaults({
            masterUrl: "k8s://https://kubernetes.default.svc:443",
            store: STORE,
            catalog,
            executorMemoryMiB: SPARK_SIZES[size].executorMemoryMiB,
            cluster: kubernetesConf(SPARK_SIZES[size], "lakehouse", "registry/spark:1"),
        })
            .trimEnd()
            .split("\n");
    const COMMON = [
        "spark.authenticate true",
        "spark.decommission.enabled true",
        "spark.dynamicAllocation.cachedExecutorIdleTimeout 10m",
        "spark.dynamicAllocation.enabled true",
        "spark.dynamicAllocation.minExecutors 0",
        "spark.dynamicAllocation.shuffleTracking.enabled true",
        "spark.eventLog.dir s3a://logs-bucket/spark-events",
        "spark.eventLog.enabled true",
        "spark.executor.memoryOverheadFactor 0.4",
        "spark.hadoop.fs.s3a.aws.credentials.provider software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider",
        "spark.hadoop.fs.s3a.connection.ssl.enabled true",
        `spark.hadoop.fs.s3a.endpoint https://s3.${REGION}.amazonaws.com`,
        `spark.hadoop.fs.s3a.endpoint.region ${REGION}`,
        "spark.hadoop.fs.s3a.path.style.access false",
        "spark.history.fs.logDirectory s3a://logs-bucket/spark-events",
        "spark.history.fs.update.interval 5s",
        "spark.kubernetes.container.image registry/spark:1",
        "spark.kubernetes.decommission.script /opt/lakehouse/decommission-executor",
        "spark.kubernetes.driver.ownPersistentVolumeClaim false",
        "spark.kubernetes.driver.reusePersistentVolumeClaim false",
        "spark.kubernetes.driver.service.deleteOnTermination false",
        "spark.kubernetes.executor.disableConfigMap true",
        "spark.kubernetes.executor.podTemplateContainerName executor",
        "spark.kubernetes.executor.podTemplateFile /opt/spark/conf/executor-pod.yaml",
        "spark.kubernetes.executor.terminationGracePeriodSeconds 120s",
        "spark.kubernetes.namespace lakehouse",
        "spark.master k8s://https://kubernetes.default.svc:443",
        "spark.network.crypto.enabled true",
        "spark.redaction.regex (?i)secret|password|token|credential|access[.]?key",
        "spark.sql.artifact.isolation.enabled false",
        "spark.storage.decommission.enabled true",
        "spark.storage.decommission.rddBlocks.enabled true",
        "spark.storage.decommission.shuffleBlocks.enabled true",
        "spark.ui.showConsoleProgress false",
    ];

    test.each([
        ["small", 4, 2, "1700m", 4096],
        ["medium", 16, 4, "3400m", 10_240],
        ["large", 64, 8, "6800m", 20_480],
    ] as const)("of size %s", (size, executors, cores, cpu, memory) => {
        expect(text(size)).toEqual(
            [
                ...COMMON,
                `spark.dynamicAllocation.maxExecutors ${executors}`,
                `spark.executor.cores ${cores}`,
                `spark.executor.memory ${memory}m`,
                `spark.kubernetes.executor.request.cores ${cpu}`,
            ].sort(),
        );
    });

    test("names the Glue catalog of the region", () => {
        const added = text("small", catalogOf("glue")).filter((line) => line.startsWith("spark.sql."));
        expect(added).toEqual(
            expect.arrayContaining([
                "spark.sql.catalog.lakehouse.type glue",
                `spark.sql.catalog.lakehouse.glue.endpoint https://glue.${REGION}.amazonaws.com`,
                "spark.sql.catalog.lakehouse.warehouse s3://lake-bucket/warehouse/glue",
            ]),
        );
    });

    test("is in the config map with the image that was pushed; the history server's has neither", async () => {
        const { registrations, cluster } = await createCluster();
        const conf = inputsOf(registrations, "ConfigMap spark-conf") as { data: Record<string, string> };
        const image = /^spark\.kubernetes\.container\.image (.+)$/m.exec(conf.data["spark-defaults.conf"]!)![1];
        expect(image).toMatch(IMAGE);
        expect(conf.data["spark-defaults.conf"]).toBe(await valueOf(pulumi.output(cluster.facts.defaults)));
        expect(inputsOf(registrations, "ConfigMap spark-history-conf")).toMatchObject({
            metadata: { name: "spark-history-conf" },
            data: {
                "spark-defaults.conf": renderSparkDefaults({
                    masterUrl: "k8s://https://kubernetes.default.svc:443",
                    store: STORE,
                    cluster: HISTORY_CONF,
                }),
            },
        });
    });
});

describe("a driver's environment", () => {
    test.each([
        ["glue", [], []],
        ["jdbc", ["LAKEHOUSE_PGPASS"], ["pass-word"]],
        ["rest", ["LAKEHOUSE_SPARK_SECRETS", "PYICEBERG_CATALOG__LAKEHOUSE__TOKEN"], ["to-ken"]],
    ] as const)("with the catalog type %s has its secrets in a secret", async (type, names, values) => {
        const { registrations } = await createCluster(type);
        const secret = registrationOf(registrations, "Secret spark-driver-secrets");
        expect(secret.secretInputs).toEqual(["stringData"]);
        const { stringData } = secret.inputs as { stringData?: Record<string, string> };
        expect(Object.keys(stringData ?? {}).sort()).toEqual(names);
        expect(values.every((value) => JSON.stringify(stringData).includes(value))).toBe(true);
        const plain = JSON.stringify(registrations.filter((each) => each !== secret));
        expect(values.filter((value) => plain.includes(value))).toEqual([]);
    });

    test("tells the rest to anyone", async () => {
        const { registrations } = await createCluster("glue", { size: "medium" });
        const { data } = inputsOf(registrations, "ConfigMap spark-driver-env") as { data: Record<string, string> };
        expect(data).toMatchObject({
            AWS_REGION: REGION,
            LAKEHOUSE_CATALOG_TYPE: "glue",
            LAKEHOUSE_DBT_SCHEMA: "lakehouse_aws_analytics",
            LAKEHOUSE_DRIVER_MEMORY: "2g",
            LAKEHOUSE_EXECUTOR_CORES: "4",
            LAKEHOUSE_EXECUTOR_MEMORY: "10240m",
            LAKEHOUSE_LAKE_URI: "s3a://lake-bucket",
            LAKEHOUSE_RAW_DATA_URI: "s3a://examples-bucket/customers.csv",
            LAKEHOUSE_RAW_SCHEMA: "lakehouse_aws_raw",
            LAKEHOUSE_SPARK_MASTER_URL: "k8s://https://kubernetes.default.svc:443",
        });
        expect(Object.keys(data).filter((name) => /KEY|SECRET|TOKEN|PASS/.test(name))).toEqual([]);
    });
});
