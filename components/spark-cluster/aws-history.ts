import { createHash } from "crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ObjectStoreFacts } from "../object-store";
import { createIdentity } from "../shared/aws/identity";
import { inCluster } from "../shared/aws/options";
import type { Ready } from "../shared/ready";
import { PORTS } from "../target/ports";
import type { AwsTarget } from "../target";
import { historyStatements } from "./aws-rights";
import { renderSparkDefaults } from "./conf";
import { HISTORY_CONF, MASTER_URL } from "./kubernetes";
import { CONF_DIR, ON_DEMAND, restrictedPod } from "./pods";

const SERVICE = "spark-history";
const PORT = PORTS.sparkHistory;
/** The server replays event logs in memory: its heap, as Spark writes it, and all of it, as Kubernetes does. */
const HEAP = "768m";
const MEMORY = "1536Mi";

/** What the server reads. */
export interface HistoryArgs {
    readonly store: ObjectStoreFacts;
    /** Reference of the image with Spark. */
    readonly image: pulumi.Input<string>;
    readonly storeReady: Ready;
}

/** Creates the history server, which reads event logs and changes nothing. Old logs are removed by the bucket's lifecycle. */
export function createHistoryServer(
    name: string,
    { store, image, storeReady }: HistoryArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): { readonly url: string; readonly ready: Ready } {
    const labels = { app: SERVICE };
    const metadata = { name: SERVICE, namespace: target.namespace, labels };
    const identity = createIdentity(
        `${name}-history`,
        SERVICE,
        historyStatements({ store }, target),
        false,
        target,
        parent,
    );
    const defaults = renderSparkDefaults({ masterUrl: MASTER_URL, store, cluster: HISTORY_CONF });
    const conf = new kubernetes.core.v1.ConfigMap(
        `${name}-history-conf`,
        { metadata: { ...metadata, name: `${SERVICE}-conf` }, data: { "spark-defaults.conf": defaults } },
        inCluster(target, parent),
    );
    const { pod, container } = restrictedPod("1Gi");
    const answers = { httpGet: { path: "/api/v1/applications?limit=1", port: PORT }, timeoutSeconds: 10 };
    const deployment = new kubernetes.apps.v1.Deployment(
        `${name}-history`,
        {
            metadata,
            spec: {
                replicas: 1,
                selector: { matchLabels: labels },
                template: {
                    metadata: {
                        labels,
                        // Another configuration is another pod.
                        annotations: { "lakehouse/conf": createHash("sha256").update(defaults).digest("hex") },
                    },
                    spec: {
                        ...pod,
                        volumes: [{ name: "spark-conf", configMap: { name: conf.metadata.name } }, ...pod.volumes],
                        serviceAccountName: identity.serviceAccount,
                        automountServiceAccountToken: false,
                        enableServiceLinks: false,
                        nodeSelector: ON_DEMAND,
                        containers: [
                            {
                                name: SERVICE,
                                image,
                                args: ["spark-class", "org.apache.spark.deploy.history.HistoryServer"],
                                env: [
                                    { name: "AWS_REGION", value: target.region },
                                    { name: "SPARK_DAEMON_MEMORY", value: HEAP },
                                    // The image's options are for a laptop's small heap.
                                    { name: "SPARK_DAEMON_JAVA_OPTS", value: "-XX:+UseSerialGC" },
                                ],
                                ports: [{ name: "http", containerPort: PORT }],
                                resources: {
                                    requests: { cpu: "200m", memory: MEMORY },
                                    limits: { memory: MEMORY },
                                },
                                // A first start reads all event logs before it answers.
                                startupProbe: { ...answers, periodSeconds: 5, failureThreshold: 60 },
                                readinessProbe: { ...answers, periodSeconds: 15 },
                                livenessProbe: { ...answers, periodSeconds: 30, failureThreshold: 5 },
                                ...container,
                                volumeMounts: [
                                    { name: "spark-conf", mountPath: CONF_DIR, readOnly: true },
                                    ...container.volumeMounts,
                                ],
                            },
                        ],
                    },
                },
            },
        },
        inCluster(target, parent, [identity.ready, storeReady]),
    );
    const service = new kubernetes.core.v1.Service(
        `${name}-history-service`,
        { metadata, spec: { selector: labels, ports: [{ name: "http", port: PORT, targetPort: "http" }] } },
        inCluster(target, parent),
    );
    return { url: `http://localhost:${PORT}`, ready: pulumi.output([deployment, service]) };
}
