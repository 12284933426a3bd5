import * as fs from "fs";
import * as path from "path";
import { parseSettings, type Settings } from "../../config";
import { UserError } from "../../components/shared/user-error";
import { configuration, sampleFile } from "./support/mocks";

const parse = (overrides: Record<string, string> = {}, stack = "test"): Settings =>
    parseSettings(configuration(overrides), stack, "/project");

describe("settings", () => {
    test("have the defaults of Pulumi.yaml", () => {
        expect(parse()).toEqual({
            stack: "test",
            projectDir: "/project",
            target: "local",
            catalogType: "jdbc",
            spark: { workers: 1, workerCores: 2, workerMemoryMiB: 2048 },
            portOffset: 0,
            baseImage: "debian:trixie-slim",
            samplePath: sampleFile(),
            keepData: true,
            demo: true,
        });
    });

    test("take what the stack sets", () => {
        const settings = parse({
            catalogType: "hadoop",
            sparkWorkers: "3",
            sparkWorkerCores: "4",
            sparkWorkerMemory: "1536m",
            portOffset: "200",
            baseImage: "mirror.example:5000/debian:trixie-slim",
            keepData: "false",
            demo: "false",
        });
        expect(settings).toMatchObject({
            catalogType: "hadoop",
            spark: { workers: 3, workerCores: 4, workerMemoryMiB: 1536 },
            portOffset: 200,
            baseImage: "mirror.example:5000/debian:trixie-slim",
            keepData: false,
            demo: false,
        });
    });

    test("resolve the sample's path from the project", () => {
        const directory = path.dirname(sampleFile());
        const raw = configuration({ samplePath: path.basename(sampleFile()) });
        expect(parseSettings(raw, "test", directory).samplePath).toBe(sampleFile());
    });

    test.each([
        [
            { catalogType: "nessie" },
            "lakehouse:catalogType: 'nessie' is unknown. Allowed: hadoop, jdbc. " +
                "Fix it with: pulumi config set lakehouse:catalogType hadoop",
        ],
        [
            { catalogType: "glue" },
            "lakehouse:catalogType: 'glue' is not built yet. Allowed: hadoop, jdbc. " +
                "Fix it with: pulumi config set lakehouse:catalogType hadoop",
        ],
        [
            { target: "aws" },
            "lakehouse:target: 'aws' is not built yet. Allowed: local. Fix it with: pulumi config set lakehouse:target local",
        ],
        [
            { target: "moon" },
            "lakehouse:target: 'moon' is unknown. Allowed: local. Fix it with: pulumi config set lakehouse:target local",
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
            "lakehouse:sparkWorker: unknown setting. Allowed: target, catalogType, sparkWorkers, sparkWorkerCores, " +
                "sparkWorkerMemory, portOffset, baseImage, samplePath, keepData, demo. " +
                "Remove it with: pulumi config rm lakehouse:sparkWorker",
        ],
    ])("refuse %j", (overrides: Record<string, string>, message) => {
        expect(() => parse(overrides)).toThrow(new UserError(message));
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
