import { confinedPods, noNeedlessToken, pinnedImages, sizedPods } from "../rules/pods";
import { type BadExample, deployment, podTemplate, registered } from "./example";

const POD = "kubernetes:apps/v1:Deployment bad: spec.template.spec";
const CONTAINER = `${POD}.containers.main`;
const TEMPLATE = "kubernetes:core/v1:ConfigMap bad: data.pod.yaml.containers.main";

export const BAD_PODS: readonly BadExample[] = [
    {
        rule: confinedPods,
        what: "a pod with rights on its node",
        resources: [
            deployment(
                {
                    hostNetwork: true,
                    hostPID: true,
                    securityContext: {},
                    volumes: [{ name: "docker", hostPath: { path: "/run/docker.sock" } }],
                },
                { securityContext: { privileged: true, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } } },
            ),
        ],
        findings: [
            `${POD}.hostNetwork shares the node's`,
            `${POD}.hostPID shares the node's`,
            `${POD}.volumes.docker is a directory of the node`,
            `${CONTAINER}.securityContext.privileged is true`,
            `${CONTAINER}.securityContext.runAsNonRoot is not true`,
            `${CONTAINER}.securityContext.allowPrivilegeEscalation is not false`,
            `${CONTAINER}.securityContext.capabilities are not all dropped`,
            `${CONTAINER}.securityContext.seccompProfile is not RuntimeDefault`,
        ],
    },
    {
        rule: confinedPods,
        what: "a template of a pod with rights on its node, in a config map",
        resources: [podTemplate("pod.yaml", { securityContext: { runAsUser: 0 } })],
        findings: [
            `${TEMPLATE}.securityContext.runAsNonRoot is not true`,
            `${TEMPLATE}.securityContext.allowPrivilegeEscalation is not false`,
            `${TEMPLATE}.securityContext.capabilities are not all dropped`,
        ],
    },
    {
        rule: sizedPods,
        what: "a pod that does not say what it needs",
        resources: [deployment({}, { resources: { requests: { cpu: "1" } } })],
        findings: [
            `${CONTAINER}.resources.requests.memory is not set`,
            `${CONTAINER}.resources.limits.memory is not set`,
        ],
    },
    {
        rule: pinnedImages,
        what: "images that move",
        resources: [
            deployment({}, { image: "registry.example/lakehouse/spark:latest" }),
            deployment({}, { image: undefined }),
            podTemplate("pod.yaml", { image: "spark" }),
            podTemplate("executor-pod.yaml", { image: undefined }),
        ],
        findings: [
            `${CONTAINER}.image is registry.example/lakehouse/spark:latest`,
            `${CONTAINER}.image is undefined`,
            `${TEMPLATE}.image is spark`,
        ],
    },
    {
        rule: noNeedlessToken,
        what: "tokens that nobody needs",
        resources: [
            registered("kubernetes:core/v1:ServiceAccount", "account", { metadata: { name: "spark-history" } }),
            deployment({ automountServiceAccountToken: true }),
            deployment({ automountServiceAccountToken: undefined, serviceAccountName: undefined }),
        ],
        findings: [
            "kubernetes:core/v1:ServiceAccount account: automountServiceAccountToken is not false",
            `${POD}.automountServiceAccountToken is true for spark-history`,
            `${POD}.automountServiceAccountToken is not false, and no service account is named`,
        ],
    },
];
