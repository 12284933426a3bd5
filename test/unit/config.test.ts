import * as fs from "fs";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { parseSettings, type Settings } from "../../config";
import { UserError } from "../../components/shared/user-error";
import { configuration, sampleFile, valueOf } from "./support/mocks";

const SECRET_KEYS = ["catalogToken", "catalogCredential"];

const parse = (overrides: Record<string, string> = {}, stack = "test", secrets = SECRET_KEYS): Settings =>
    parseSettings(configuration(overrides), stack, "/project", (key) => secrets.includes(key));

const EXTERNAL = { catalogType: "rest", catalogUri: "https://catalog.example/iceberg" };

describe("settings", () => {
    test("have the defaults of Pulumi.yaml", () => {
        expect(parse()).toEqual({
            stack: "test",
            projectDir: "/project",
            target: "local",
            region: "us-east-1",
            catalog: { type: "jdbc" },
            spark: { workers: 1, workerCores: 2, workerMemoryMiB: 2048, connect: false },
            maintenance: { snapshotRetentionDays: 5, snapshotsKept: 1, orphanRetentionDays: 3 },
            portOffset: 0,
            baseImage: "debian:trixie-slim",
            samplePath: sampleFile(),
            keepData: true,
            demo: true,
        });
    });

    test("take what the stack sets", () => {
        const settings = parse({
            catalogType: "hive",
            catalogUri: "thrift://metastore:9083",
            region: "eu-west-1",
            sparkWorkers: "3",
            sparkWorkerCores: "4",
            sparkWorkerMemory: "1536m",
            sparkConnect: "true",
            snapshotRetentionDays: "30",
            snapshotsKept: "10",
            orphanRetentionDays: "7",
            portOffset: "200",
            baseImage: "mirror.example:5000/debian:trixie-slim",
            keepData: "false",
            demo: "false",
        });
        expect(settings).toMatchObject({
            region: "eu-west-1",
            catalog: { type: "hive", uri: "thrift://metastore:9083" },
            spark: { workers: 3, workerCores: 4, workerMemoryMiB: 1536, connect: true },
            maintenance: { snapshotRetentionDays: 30, snapshotsKept: 10, orphanRetentionDays: 7 },
            portOffset: 200,
            baseImage: "mirror.example:5000/debian:trixie-slim",
            keepData: false,
            demo: false,
        });
    });

    test("resolve the sample's path from the project", () => {
        const directory = path.dirname(sampleFile());
        const raw = configuration({ samplePath: path.basename(sampleFile()) });
        expect(parseSettings(raw, "test", directory, () => false).samplePath).toBe(sampleFile());
    });

    test.each([
        [
            { catalogType: "nessie" },
            "lakehouse:catalogType: 'nessie' is unknown. Allowed: hadoop, jdbc, hive, glue, rest. " +
                "Fix it with: pulumi config set lakehouse:catalogType hadoop",
        ],
        [
            { catalogType: "glue", region: "" },
            "lakehouse:region: '' is not allowed. Allowed: a value such as us-east-1. " +
                "Fix it with: pulumi config set lakehouse:region us-east-1",
        ],
        [
            { catalogType: "jdbc", catalogUri: "http://catalog:8181" },
            "lakehouse:catalogUri is set, but catalogType jdbc is always the platform's own. " +
                "Remove it with: pulumi config rm lakehouse:catalogUri",
        ],
        [
            { catalogType: "hive", catalogUri: "metastore:9083" },
            "lakehouse:catalogUri: 'metastore:9083' is not allowed. Allowed: a value such as " +
                "thrift://metastore.example:9083. " +
                "Fix it with: pulumi config set lakehouse:catalogUri thrift://metastore.example:9083",
        ],
        [
            { catalogType: "glue", catalogUri: "eu-west-1" },
            "lakehouse:catalogUri: 'eu-west-1' is not allowed. Allowed: a value such as " +
                "https://glue.eu-west-1.amazonaws.com. " +
                "Fix it with: pulumi config set lakehouse:catalogUri https://glue.eu-west-1.amazonaws.com",
        ],
        [
            { catalogType: "rest", catalogUri: "https://user:word@catalog.example" },
            "lakehouse:catalogUri: 'https://user:word@catalog.example' is not allowed. Allowed: a value such as " +
                "https://catalog.example/api/catalog. " +
                "Fix it with: pulumi config set lakehouse:catalogUri https://catalog.example/api/catalog",
        ],
        [
            { catalogType: "rest", catalogToken: "token" },
            "lakehouse:catalogToken is set, but it belongs to an external REST catalog, and catalogUri is not set. " +
                "Remove it with: pulumi config rm lakehouse:catalogToken",
        ],
        [
            { catalogType: "glue", catalogWarehouse: "analytics" },
            "lakehouse:catalogWarehouse is set, but it belongs to an external REST catalog, and catalogType is glue. " +
                "Remove it with: pulumi config rm lakehouse:catalogWarehouse",
        ],
        [
            { ...EXTERNAL, catalogToken: "two words" },
            "lakehouse:catalogToken: the value is not allowed. Allowed: a bearer token without spaces. " +
                "Set it again with: pulumi config set --secret lakehouse:catalogToken",
        ],
        [
            { ...EXTERNAL, catalogCredential: "no-colon" },
            "lakehouse:catalogCredential: the value is not allowed. Allowed: OAuth2 client credentials as id:secret. " +
                "Set it again with: pulumi config set --secret lakehouse:catalogCredential",
        ],
        [
            { ...EXTERNAL, catalogToken: "token", catalogCredential: "id:secret" },
            "lakehouse:catalogToken is set, but catalogCredential is set as well, and one of them is enough. " +
                "Remove it with: pulumi config rm lakehouse:catalogToken",
        ],
        [
            { ...EXTERNAL, catalogOauthUri: "https://login.example/token" },
            "lakehouse:catalogOauthUri is set, but without catalogCredential there is nothing to ask a token with. " +
                "Remove it with: pulumi config rm lakehouse:catalogOauthUri",
        ],
        [
            { target: "moon" },
            "lakehouse:target: 'moon' is unknown. Allowed: local, aws. Fix it with: pulumi config set lakehouse:target local",
        ],
        [
            { owner: "data-platform" },
            "lakehouse:owner is set, but it belongs to the target aws, and the target is local. " +
                "Remove it with: pulumi config rm lakehouse:owner",
        ],
        [
            { sparkWorkers: "0" },
            "lakehouse:sparkWorkers: '0' is not allowed. Allowed: a whole number from 1 to 64. " +
                "Fix it with: pulumi config set lakehouse:sparkWorkers 1",
        ],
        [
            { sparkWorkerCores: "two" },
            "lakehouse:sparkWorkerCores: 'two' is not allowed. Allowed: a whole number from 1 to 256. " +
                "Fix it with: pulumi config set lakehouse:sparkWorkerCores 1",
        ],
        [
            { sparkWorkerMemory: "512m" },
            "lakehouse:sparkWorkerMemory: '512m' is not allowed. Allowed: at least 1024m, as digits with unit m or g. " +
                "Fix it with: pulumi config set lakehouse:sparkWorkerMemory 2g",
        ],
        [
            { sparkWorkerMemory: "2 GB" },
            "lakehouse:sparkWorkerMemory: '2 GB' is not allowed. Allowed: at least 1024m, as digits with unit m or g. " +
                "Fix it with: pulumi config set lakehouse:sparkWorkerMemory 2g",
        ],
        [
            { snapshotRetentionDays: "0" },
            "lakehouse:snapshotRetentionDays: '0' is not allowed. Allowed: a whole number from 1 to 36500. " +
                "Fix it with: pulumi config set lakehouse:snapshotRetentionDays 1",
        ],
        [
            { snapshotsKept: "0" },
            "lakehouse:snapshotsKept: '0' is not allowed. Allowed: a whole number from 1 to 1000000. " +
                "Fix it with: pulumi config set lakehouse:snapshotsKept 1",
        ],
        [
            { orphanRetentionDays: "0.5" },
            "lakehouse:orphanRetentionDays: '0.5' is not allowed. Allowed: a whole number from 1 to 36500. " +
                "Fix it with: pulumi config set lakehouse:orphanRetentionDays 1",
        ],
        [
            { portOffset: "50000" },
            "lakehouse:portOffset: '50000' is not allowed. Allowed: a whole number from 0 to 47455. " +
                "Fix it with: pulumi config set lakehouse:portOffset 0",
        ],
        [
            { keepData: "perhaps" },
            "lakehouse:keepData: 'perhaps' is not allowed. Allowed: true, false. " +
                "Fix it with: pulumi config set lakehouse:keepData true",
        ],
        [
            { baseImage: "debian; rm" },
            "lakehouse:baseImage: 'debian; rm' is not allowed. Allowed: an image reference such as debian:trixie-slim",
        ],
        [
            { samplePath: "/none.csv" },
            "lakehouse:samplePath: '/none.csv' does not exist. Make the generated sample with 'make data', " +
                "or set your own: pulumi config set lakehouse:samplePath FILE",
        ],
        [
            { sparkWorker: "2" },
            "lakehouse:sparkWorker: unknown setting. Allowed: target, region, catalogType, catalogUri, " +
                "catalogWarehouse, catalogToken, catalogCredential, catalogOauthUri, sparkWorkers, sparkWorkerCores, " +
                "sparkWorkerMemory, sparkConnect, snapshotRetentionDays, snapshotsKept, orphanRetentionDays, portOffset, baseImage, " +
                "samplePath, keepData, demo, size, environment, owner, costCenter, awsZones, awsNatGateways, awsVpcId, " +
                "awsPrivateSubnetIds, awsApiAccess, awsAdminArns, sparkSpot, airflowAccess. " +
                "Remove it with: pulumi config rm lakehouse:sparkWorker",
        ],
    ])("refuse %j", (overrides: Record<string, string>, message) => {
        expect(() => parse(overrides)).toThrow(new UserError(message));
    });

    test("refuse a secret in clear, without showing it", () => {
        const inClear = { ...EXTERNAL, catalogCredential: "id:very-secret" };
        expect(() => parse(inClear, "test", [])).toThrow(
            new UserError(
                "lakehouse:catalogCredential: its value stands in clear in the stack's file. " +
                    "Set it again with: pulumi config set --secret lakehouse:catalogCredential",
            ),
        );
    });

    test("keep the credentials of an external catalog secret", async () => {
        const { catalog } = parse({ ...EXTERNAL, catalogCredential: "id:secret", catalogOauthUri: "https://login" });
        expect(catalog).toMatchObject({ type: "rest", uri: EXTERNAL.catalogUri, oauthUri: "https://login" });
        expect(await valueOf(catalog.credential!)).toBe("id:secret");
        expect(await pulumi.isSecret(catalog.credential!)).toBe(true);
    });

    test("refuse a stack name that cannot name containers", () => {
        expect(() => parse({}, "My_Stack")).toThrow("stack name: 'My_Stack' cannot name containers.");
    });

    test("name all mistakes at once", () => {
        expect(() => parse({ sparkWorkers: "-1", demo: "no" })).toThrow(
            /^2 settings are wrong:\n- lakehouse:sparkWorkers: '-1' .*\n- lakehouse:demo: 'no' /,
        );
    });

    test("refuse a sample without a needed column", () => {
        const file = path.join(path.dirname(sampleFile()), "short.csv");
        fs.writeFileSync(
            file,
            "\uFEFFIndex,Customer Id,First Name,Last Name,Company,City,Phone 1,Phone 2,Email,Website\n",
        );
        expect(() => parse({ samplePath: file })).toThrow(
            `lakehouse:samplePath: '${file}' lacks the column 'Country', 'Subscription Date'. Needed: Index, Customer Id,`,
        );
    });

    test("refuse a directory as sample", () => {
        expect(() => parse({ samplePath: __dirname })).toThrow(`'${__dirname}' cannot be read as CSV.`);
    });
});
