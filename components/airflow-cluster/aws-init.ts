import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inCluster } from "../shared/aws/options";
import type { Ready } from "../shared/ready";
import { CONTAINER_SECURITY, ON_DEMAND, POD_SECURITY, writableDirs } from "../spark-cluster/pods";
import type { AwsTarget } from "../target";
import { INIT_SECRET } from "./aws-secrets";

const JOB = "airflow-init";

export interface InitArgs {
    /** Reference of Airflow's image. */
    readonly image: pulumi.Input<string>;
    /** Version of the secret with the step's environment. */
    readonly secretVersion: pulumi.Input<string>;
    readonly after: readonly Ready[];
}

/**
 * Brings the database to the image's version, and the administrator to what the stack says: images/scripts/airflow-init. It
 * replaces the chart's two jobs, whose second takes the password from the chart's values, in clear, to its command line.
 *
 * @returns a handle that resolves once it ended well
 */
export function runInit(
    name: string,
    { image, secretVersion, after }: InitArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): Ready {
    const { volumes, volumeMounts } = writableDirs("256Mi");
    const job = new kubernetes.batch.v1.Job(
        `${name}-init`,
        {
            metadata: { name: JOB, namespace: target.namespace },
            spec: {
                backoffLimit: 4,
                template: {
                    metadata: { labels: { app: JOB }, annotations: { "lakehouse/environment": secretVersion } },
                    spec: {
                        restartPolicy: "Never",
                        automountServiceAccountToken: false,
                        enableServiceLinks: false,
                        nodeSelector: ON_DEMAND,
                        securityContext: POD_SECURITY,
                        volumes: [...volumes, { name: "logs", emptyDir: {} }],
                        containers: [
                            {
                                name: JOB,
                                image,
                                args: ["/opt/lakehouse/airflow-init"],
                                envFrom: [{ secretRef: { name: INIT_SECRET } }],
                                resources: {
                                    requests: { cpu: "500m", memory: "1Gi" },
                                    limits: { memory: "1Gi" },
                                },
                                securityContext: CONTAINER_SECURITY,
                                volumeMounts: [...volumeMounts, { name: "logs", mountPath: "/opt/airflow/logs" }],
                            },
                        ],
                    },
                },
            },
        },
        inCluster(target, parent, after),
    );
    return pulumi.output([job]);
}
