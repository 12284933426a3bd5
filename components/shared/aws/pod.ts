/** Uid and gid of the user of every image (images/Dockerfile). */
export const POD_USER = 10001;

/** What the namespace asks of every pod (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted). */
export const POD_SECURITY = {
    runAsNonRoot: true,
    runAsUser: POD_USER,
    runAsGroup: POD_USER,
    fsGroup: POD_USER,
    seccompProfile: { type: "RuntimeDefault" },
};

/** What it asks of every container. */
export const CONTAINER_SECURITY = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
};

/** Nodes that AWS does not take back at two minutes' notice (https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html). */
export const ON_DEMAND = { "karpenter.sh/capacity-type": "on-demand" };
