import { Database } from "../../../components/database";
import {
    ACCOUNT,
    type AwsRegistration,
    awsTarget,
    inputsOf,
    list,
    recordAws,
    REGION,
    registrationOf,
    settle,
    valueOf,
} from "./support";

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/platform`;
const INSTANCE = "Instance database-instance";

async function createDatabase(
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; database: Database }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const database = new Database("database", { target: awsTarget(overrides) });
    await settle();
    return { registrations, database };
}

describe("the database on AWS", () => {
    let registrations: AwsRegistration[];
    let database: Database;

    beforeAll(async () => {
        ({ registrations, database } = await createDatabase());
    });

    test("is made of exactly these resources", () => {
        expect(list(registrations)).toEqual([
            "Database database",
            INSTANCE,
            "Job database-databases",
            "LifecyclePolicy database-repository-lifecycle",
            "LogGroup database-postgresql-logs",
            "LogGroup database-upgrade-logs",
            "ParameterGroup database-parameters",
            "RandomPassword database-airflow-password",
            "RandomPassword database-iceberg-password",
            "RandomPassword database-master-password",
            "RegistryImage database-pushed-image",
            "RemoteImage database-image",
            "Repository database-repository",
            "Secret database-kept-passwords",
            "Secret database-passwords",
            "SecretVersion database-kept-passwords-version",
            "SecurityGroup database-firewall",
            "SecurityGroupIngressRule database-from-cluster",
            "Service database-service",
            "SubnetGroup database-subnets",
        ]);
    });

    test("is reached under a plain name, by TLS, and has what this target uses", async () => {
        expect(await valueOf(database.airflow.password)).toBe("generated-database-airflow-password");
        expect({ ...database.airflow, password: "" }).toEqual({
            host: "database",
            port: 5432,
            name: "airflow",
            password: "",
            tls: true,
        });
        expect(database.iceberg.name).toBe("iceberg");
        expect([database.hive, database.rest]).toEqual([undefined, undefined]);
        expect(inputsOf(registrations, "Service database-service")).toMatchObject({
            metadata: { name: "database", namespace: "lakehouse" },
            spec: {
                type: "ExternalName",
                externalName: `lakehouse-aws-database.abcdefghijkl.${REGION}.rds.amazonaws.com`,
            },
        });
    });

    test("is private, encrypted and speaks TLS only", () => {
        expect(inputsOf(registrations, INSTANCE)).toMatchObject({
            dbSubnetGroupName: "lakehouse-aws-database",
            engine: "postgres",
            engineVersion: "17",
            kmsKeyId: KEY,
            performanceInsightsKmsKeyId: KEY,
            publiclyAccessible: false,
            storageEncrypted: true,
            vpcSecurityGroupIds: ["database-firewall-id"],
        });
        expect(inputsOf(registrations, "ParameterGroup database-parameters")).toMatchObject({
            family: "postgres17",
            parameters: [{ name: "rds.force_ssl", value: "1" }],
        });
        expect(inputsOf(registrations, "SecurityGroup database-firewall")).not.toHaveProperty("ingress");
        expect(inputsOf(registrations, "SecurityGroupIngressRule database-from-cluster")).toMatchObject({
            fromPort: 5432,
            toPort: 5432,
            ipProtocol: "tcp",
            referencedSecurityGroupId: "sg-0123456789abcdef0",
            securityGroupId: "database-firewall-id",
        });
    });

    test("shows no password", () => {
        expect(registrationOf(registrations, INSTANCE).secretInputs).toEqual(["password"]);
        expect(registrationOf(registrations, "Secret database-passwords").secretInputs).toEqual(["stringData"]);
        const kept = registrationOf(registrations, "SecretVersion database-kept-passwords-version");
        expect(kept.secretInputs).toEqual(["secretString"]);
        expect(JSON.parse(String(kept.inputs.secretString))).toEqual({
            lakehouse: "generated-database-master-password",
            airflow: "generated-database-airflow-password",
            iceberg: "generated-database-iceberg-password",
        });
        const open = registrations.flatMap(({ name, inputs, secretInputs }) =>
            Object.entries(inputs)
                .filter(([key, value]) => !secretInputs.includes(key) && JSON.stringify(value)?.includes("generated-"))
                .map(([key]) => `${name} ${key}`),
        );
        expect(open).toEqual([]);
    });

    test("has its roles and databases made by a Job that takes the passwords from a secret", () => {
        const { spec } = inputsOf(registrations, "Job database-databases") as {
            spec: { template: { spec: { containers: object[] } } };
        };
        const [container] = spec.template.spec.containers;
        expect(container).toMatchObject({
            args: ["/opt/lakehouse/postgres-databases"],
            env: [
                { name: "LAKEHOUSE_DATABASES", value: "airflow,iceberg" },
                { name: "PGHOST", value: "database" },
                { name: "PGPORT", value: "5432" },
                { name: "PGSSLMODE", value: "require" },
                { name: "PGUSER", value: "lakehouse" },
            ],
            envFrom: [{ secretRef: { name: "database-passwords" } }],
        });
        expect(inputsOf(registrations, "Secret database-passwords").stringData).toEqual({
            PGPASSWORD: "generated-database-master-password",
            DB_PASSWORD_AIRFLOW: "generated-database-airflow-password",
            DB_PASSWORD_ICEBERG: "generated-database-iceberg-password",
        });
    });
});

describe("the database's size and care", () => {
    test.each([
        ["small", "dev", "db.t4g.small", 20, 100, false],
        ["medium", "dev", "db.m7g.large", 50, 500, false],
        ["large", "dev", "db.m7g.2xlarge", 100, 1000, true],
        ["small", "prod", "db.t4g.small", 20, 100, true],
    ])("of size %s in %s", async (size, environment, instanceClass, allocatedStorage, maxAllocatedStorage, multiAz) => {
        const { registrations } = await createDatabase({ size, environment });
        expect(inputsOf(registrations, INSTANCE)).toMatchObject({
            instanceClass,
            allocatedStorage,
            maxAllocatedStorage,
            multiAz,
        });
    });

    test("in dev, nothing is left behind", async () => {
        const { registrations } = await createDatabase();
        const instance = registrationOf(registrations, INSTANCE);
        expect(instance.protect).toBe(false);
        expect(instance.inputs).toMatchObject({
            backupRetentionPeriod: 1,
            deleteAutomatedBackups: true,
            deletionProtection: false,
            skipFinalSnapshot: true,
        });
        expect(inputsOf(registrations, "Secret database-kept-passwords").recoveryWindowInDays).toBe(0);
    });

    test("in prod, nothing is lost", async () => {
        const { registrations } = await createDatabase({ environment: "prod" });
        const instance = registrationOf(registrations, INSTANCE);
        expect(instance.protect).toBe(true);
        expect(instance.inputs).toMatchObject({
            applyImmediately: false,
            backupRetentionPeriod: 14,
            deleteAutomatedBackups: false,
            deletionProtection: true,
            finalSnapshotIdentifier: "lakehouse-aws-database-final",
            skipFinalSnapshot: false,
        });
        expect(inputsOf(registrations, "Secret database-kept-passwords").recoveryWindowInDays).toBe(30);
    });
});
