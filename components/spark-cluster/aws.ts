import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { schemasOf } from "../catalog/schemas";
import { createIdentity } from "../shared/aws/identity";
import { publishImage } from "../shared/aws/image";
import { inCluster } from "../shared/aws/options";
import { type Env, storeEnv } from "../shared/env";
import { allReady } from "../shared/ready";
import type { AwsTarget } from "../target";
import { createHistoryServer } from "./aws-history";
import { createExecutorNodes } from "./aws-nodes";
import { executorStatements, type SparkData } from "./aws-rights";
import { renderSparkDefaults } from "./conf";
import { driverSettings } from "./driver-settings";
import type { SparkClusterArgs, SparkClusterOutputs, SparkFacts, SparkPods } from "./index";
import {
    EXECUTOR,
    EXECUTOR_POD_FILE,
    executorPodTemplate,
    kubernetesConf,
    MASTER_URL,
    SPARK_SIZES,
} from "./kubernetes";

/** Service accounts whose pods are drivers. */
const DRIVERS = ["airflow-task", "dbt"];
/** All that a driver asks of the API server with the configuration of kubernetes.ts: about pods alone. */
const DRIVER_VERBS = ["create", "delete", "deletecollection", "get", "list", "watch"];

/** Spark on Kubernetes: there is no master; a driver makes its executors' pods. And the history server. */
export function createAwsSparkCluster(
    name: string,
    args: SparkClusterArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): SparkClusterOutputs {
    const { store, catalog, maintenance } = args;
    const size = SPARK_SIZES[target.settings.size];
    const data: SparkData = { store, catalog };
    const image = publishImage(name, "spark", target, parent);
    const nodes = createExecutorNodes(name, target, parent);
    const executors = createIdentity(
        `${name}-executor`,
        EXECUTOR,
        executorStatements(data, target),
        false,
        target,
        parent,
    );

    const pods = { confMap: "spark-conf", envMap: "spark-driver-env", envSecret: "spark-driver-secrets", data };
    const facts: SparkFacts = {
        masterUrl: MASTER_URL,
        defaults: image.apply((reference) =>
            renderSparkDefaults({
                masterUrl: MASTER_URL,
                store,
                catalog,
                executorMemoryMiB: size.executorMemoryMiB,
                cluster: kubernetesConf(size, target.namespace, reference),
            }),
        ),
        driverEnv: {
            ...storeEnv(store),
            ...catalog.env,
            ...driverSettings({
                catalog,
                store,
                maintenance,
                schemas: schemasOf(target),
                masterUrl: MASTER_URL,
                driverMemory: size.driverMemory,
                executorCores: size.executorCores,
                executorMemoryMiB: size.executorMemoryMiB,
            }),
        },
        pods,
    };
    const drivers = createDriverObjects(
        name,
        pods,
        facts.driverEnv,
        {
            "spark-defaults.conf": facts.defaults,
            [EXECUTOR_POD_FILE]: executorPodTemplate(size, target.region, nodes),
        },
        target,
        parent,
    );
    const rights = createDriverRole(name, target, parent);
    const history = createHistoryServer(name, { store, image, storeReady: args.storeReady }, target, parent);

    return {
        facts,
        historyUrl: history.url,
        ready: allReady([nodes.ready, executors.ready, drivers, rights, history.ready]),
    };
}

/** Creates what the pods of drivers mount and take into their environment. */
function createDriverObjects(
    name: string,
    pods: SparkPods,
    env: Env,
    conf: Readonly<Record<string, pulumi.Input<string>>>,
    target: AwsTarget,
    parent: pulumi.Resource,
): pulumi.Output<pulumi.Resource[]> {
    const { plain, secret } = splitEnv(env);
    const { namespace } = target;
    return pulumi.output([
        new kubernetes.core.v1.ConfigMap(
            `${name}-conf`,
            { metadata: { name: pods.confMap, namespace }, data: conf },
            inCluster(target, parent),
        ),
        new kubernetes.core.v1.ConfigMap(
            `${name}-driver-env`,
            { metadata: { name: pods.envMap, namespace }, data: plain },
            inCluster(target, parent),
        ),
        new kubernetes.core.v1.Secret(
            `${name}-driver-secrets`,
            { metadata: { name: pods.envSecret, namespace }, stringData: pulumi.secret(secret) },
            inCluster(target, parent),
        ),
    ]);
}

/**
 * Divides an environment into what anyone may read and the rest. A value that is known only later may be made from a secret, so
 * it counts as one.
 */
export function splitEnv(env: Env): { plain: Record<string, string>; secret: Env } {
    const entries = Object.entries(env);
    const isPlain = (entry: [string, pulumi.Input<string>]): entry is [string, string] => typeof entry[1] === "string";
    return {
        plain: Object.fromEntries(entries.filter(isPlain)),
        secret: Object.fromEntries(entries.filter((entry) => !isPlain(entry))),
    };
}

/** Lets drivers make and remove pods. */
function createDriverRole(name: string, target: AwsTarget, parent: pulumi.Resource): pulumi.Output<pulumi.Resource[]> {
    const metadata = { name: "spark-driver", namespace: target.namespace };
    const role = new kubernetes.rbac.v1.Role(
        `${name}-driver-role`,
        { metadata, rules: [{ apiGroups: [""], resources: ["pods"], verbs: DRIVER_VERBS }] },
        inCluster(target, parent),
    );
    const binding = new kubernetes.rbac.v1.RoleBinding(
        `${name}-driver-binding`,
        {
            metadata,
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
            subjects: DRIVERS.map((account) => ({
                kind: "ServiceAccount",
                name: account,
                namespace: target.namespace,
            })),
        },
        inCluster(target, parent),
    );
    return pulumi.output([role, binding]);
}
