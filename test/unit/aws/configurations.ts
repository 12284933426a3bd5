/** Configurations of the stack aws that register different things; tests that judge the whole program run them all. */
export const CONFIGURATIONS: Readonly<Record<string, Record<string, string>>> = {
    default: {},
    production: {
        environment: "prod",
        size: "large",
        awsZones: "3",
        awsNatGateways: "per-zone",
        sparkSpot: "false",
    },
    jdbc: { catalogType: "jdbc", environment: "prod" },
    hadoop: { catalogType: "hadoop" },
    "external-rest": { catalogType: "rest", catalogUri: "https://catalog.example/iceberg" },
    "existing-network": {
        awsVpcId: "vpc-0123456789abcdef0",
        awsPrivateSubnetIds: "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
        awsApiAccess: "private",
        airflowAccess: "internal",
        size: "medium",
    },
};
