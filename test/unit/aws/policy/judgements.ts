import { at, listOf, type Resource } from "./rule";

/** How a type's options of encryption are judged: what must be set, or why nothing must. */
export type Encryption =
    | { readonly options: (inputs: Resource["inputs"]) => Readonly<Record<string, boolean>> }
    | { readonly because: string };

/** What somebody decided about a type of AWS, so that the rules know what to ask of it. */
export interface AwsJudgement {
    /** Whether it can carry tags; compared with the SDK. */
    readonly taggable: boolean;
    /** Needed wherever the SDK knows an option of encryption. */
    readonly encryption?: Encryption;
    /** Whether losing it loses what cannot be made again. */
    readonly holdsData?: boolean;
}

/** Options that must have some value: the platform's key. */
const set =
    (...paths: string[]) =>
    (inputs: Resource["inputs"]): Record<string, boolean> =>
        Object.fromEntries(paths.map((path) => [path, Boolean(at(inputs, path))]));

const TAGGED: AwsJudgement = { taggable: true };
const UNTAGGED: AwsJudgement = { taggable: false };

/** Every type of AWS that the platform may use. One that is not here fails the pack: somebody must judge it first. */
export const AWS_TYPES: Readonly<Record<string, AwsJudgement>> = {
    "aws:cloudwatch/logGroup:LogGroup": { taggable: true, encryption: { options: set("kmsKeyId") } },
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": TAGGED,
    "aws:ec2/eip:Eip": TAGGED,
    "aws:ec2/flowLog:FlowLog": TAGGED,
    "aws:ec2/internetGateway:InternetGateway": TAGGED,
    "aws:ec2/natGateway:NatGateway": TAGGED,
    "aws:ec2/route:Route": UNTAGGED,
    "aws:ec2/routeTable:RouteTable": TAGGED,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": UNTAGGED,
    "aws:ec2/securityGroup:SecurityGroup": TAGGED,
    "aws:ec2/subnet:Subnet": TAGGED,
    "aws:ec2/vpc:Vpc": TAGGED,
    "aws:ec2/vpcEndpoint:VpcEndpoint": TAGGED,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": UNTAGGED,
    "aws:ecr/repository:Repository": {
        taggable: true,
        encryption: {
            options: ({ encryptionConfigurations }) => ({
                encryptionConfigurations: listOf(encryptionConfigurations).some(
                    (each) => at(each, "encryptionType") === "KMS" && Boolean(at(each, "kmsKey")),
                ),
            }),
        },
    },
    "aws:eks/accessEntry:AccessEntry": TAGGED,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": UNTAGGED,
    "aws:eks/cluster:Cluster": {
        taggable: true,
        encryption: {
            options: ({ encryptionConfig }) => ({
                "encryptionConfig.provider.keyArn": Boolean(at(encryptionConfig, "provider.keyArn")),
                "encryptionConfig.resources": listOf(at(encryptionConfig, "resources")).includes("secrets"),
            }),
        },
        holdsData: true,
    },
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": TAGGED,
    "aws:glue/catalogDatabase:CatalogDatabase": { taggable: true, holdsData: true },
    "aws:iam/role:Role": TAGGED,
    "aws:iam/rolePolicy:RolePolicy": UNTAGGED,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": UNTAGGED,
    "aws:kms/alias:Alias": UNTAGGED,
    "aws:kms/key:Key": { taggable: true, holdsData: true },
    "aws:rds/instance:Instance": {
        taggable: true,
        encryption: {
            options: (inputs) => ({
                ...set("storageEncrypted", "kmsKeyId")(inputs),
                // Only where Performance Insights is on.
                performanceInsightsKmsKeyId:
                    !inputs.performanceInsightsEnabled || Boolean(inputs.performanceInsightsKmsKeyId),
                masterUserSecretKmsKeyId: !inputs.manageMasterUserPassword || Boolean(inputs.masterUserSecretKmsKeyId),
            }),
        },
        holdsData: true,
    },
    "aws:rds/parameterGroup:ParameterGroup": TAGGED,
    "aws:rds/subnetGroup:SubnetGroup": TAGGED,
    "aws:s3/bucket:Bucket": {
        taggable: true,
        encryption: { because: "its BucketServerSideEncryptionConfiguration says it; the rule looks for one" },
        holdsData: true,
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": UNTAGGED,
    "aws:s3/bucketLogging:BucketLogging": UNTAGGED,
    "aws:s3/bucketObjectv2:BucketObjectv2": { taggable: true, encryption: { because: "the bucket encrypts it" } },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": UNTAGGED,
    "aws:s3/bucketPolicy:BucketPolicy": UNTAGGED,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": UNTAGGED,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        taggable: false,
        encryption: {
            options: ({ rules }) => ({
                rules: listOf(rules).some((rule) =>
                    ["aws:kms", "AES256"].includes(String(at(rule, "applyServerSideEncryptionByDefault.sseAlgorithm"))),
                ),
            }),
        },
    },
    "aws:s3/bucketVersioning:BucketVersioning": UNTAGGED,
    "aws:secretsmanager/secret:Secret": { taggable: true, encryption: { options: set("kmsKeyId") } },
    "aws:secretsmanager/secretVersion:SecretVersion": UNTAGGED,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": TAGGED,
};

/** Every kind of object in the cluster that the platform may use. */
export const KUBERNETES_TYPES: readonly string[] = [
    "kubernetes:apps/v1:Deployment",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:eks.amazonaws.com/v1:NodeClass",
    // Its objects come from the chart: its values are checked where they are rendered.
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:karpenter.sh/v1:NodePool",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
];

/** Everything else: what runs on the machine that deploys. */
export const OTHER_TYPES: readonly string[] = [
    "docker:index/registryImage:RegistryImage",
    "docker:index/remoteImage:RemoteImage",
    "pulumi:providers:aws",
    "pulumi:providers:docker",
    "pulumi:providers:kubernetes",
    "random:index/randomId:RandomId",
    "random:index/randomPassword:RandomPassword",
];

/** Whether somebody judged a type; the platform's own components hold nothing themselves. */
export function isJudged(type: string): boolean {
    return (
        type.startsWith("lakehouse:index:") ||
        type in AWS_TYPES ||
        KUBERNETES_TYPES.includes(type) ||
        OTHER_TYPES.includes(type)
    );
}
