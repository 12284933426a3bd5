import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createIdentity } from "../shared/aws/identity";
import { publishImage } from "../shared/aws/image";
import { inCluster } from "../shared/aws/options";
import { allReady } from "../shared/ready";
import type { AwsTarget } from "../target";
import { driverStatements, WAREHOUSE } from "../spark-cluster/aws-rights";
import type { DbtRunnerArgs, DbtRunnerOutputs } from "./index";
import { dbtPodTemplate } from "./pod";

const ACCOUNT = "dbt";
/** Service account of the tasks that run dbt. */
const LAUNCHER = "airflow-task";
/** All that KubernetesPodOperator asks of the API server (dags/utils/dbt_pod_operator.py): it follows its pod to the end. */
const LAUNCHER_RULES = [
    { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete", "get", "list", "patch", "watch"] },
    { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
    { apiGroups: [""], resources: ["events"], verbs: ["list"] },
];

/** A pod per dbt command, made by Airflow from a template; nothing runs in between. */
export function createAwsDbtRunner(
    name: string,
    args: DbtRunnerArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): DbtRunnerOutputs {
    const { pods } = args.spark;
    if (pods === undefined) {
        throw new Error("on AWS, Spark's drivers are pods");
    }
    const image = publishImage(name, "dbt", target, parent);
    const identity = createIdentity(
        name,
        ACCOUNT,
        driverStatements(pods.data, [WAREHOUSE], target),
        // A driver makes its executors' pods.
        true,
        target,
        parent,
    );
    const template = new kubernetes.core.v1.ConfigMap(
        `${name}-pod`,
        {
            metadata: { name: "dbt-pod", namespace: target.namespace },
            data: { "pod.yaml": dbtPodTemplate(pods, target.settings.size, ACCOUNT, target.namespace) },
        },
        inCluster(target, parent),
    );
    const ready = allReady([identity.ready, pulumi.output([template, ...createLauncherRole(name, target, parent)])]);
    return {
        facts: { kind: "pods", image, serviceAccount: ACCOUNT, templateMap: "dbt-pod" },
        // There are none.
        keysReady: pulumi.output<pulumi.Resource[]>([]),
        ready,
    };
}

/** Lets Airflow's tasks run the pods. */
function createLauncherRole(name: string, target: AwsTarget, parent: pulumi.Resource): pulumi.Resource[] {
    const { namespace } = target;
    const metadata = { name: "dbt-launcher", namespace };
    return [
        new kubernetes.rbac.v1.Role(
            `${name}-launcher-role`,
            { metadata, rules: LAUNCHER_RULES },
            inCluster(target, parent),
        ),
        new kubernetes.rbac.v1.RoleBinding(
            `${name}-launcher-binding`,
            {
                metadata,
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
                subjects: [{ kind: "ServiceAccount", name: LAUNCHER, namespace }],
            },
            inCluster(target, parent),
        ),
    ];
}
