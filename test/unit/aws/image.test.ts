import { execFileSync } from "child_process";
import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { publishImage } from "../../../components/shared/aws/image";
import {
    ACCOUNT,
    type AwsRegistration,
    awsTarget,
    inputsOf,
    list,
    PROJECT,
    recordAws,
    REGION,
    registrationOf,
    settle,
    valueOf,
} from "./support";

const REGISTRY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

/** A copy of what images are built from, that a test may change. */
function copyProject(): string {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lakehouse-images-"));
    ["images", "dags", "dbt"].forEach((each) =>
        fs.cpSync(path.join(PROJECT, each), path.join(directory, each), {
            recursive: true,
            filter: (file) => !["__pycache__", ".ca", "bin"].includes(path.basename(file)),
        }),
    );
    return directory;
}

async function publish(
    image: string,
    projectDir: string,
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; reference: string }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const target = { ...awsTarget(overrides), projectDir };
    const parent = new pulumi.ComponentResource("lakehouse:index:Part", "part");
    const reference = publishImage("part", image, target, parent);
    await settle();
    return { registrations, reference: await valueOf(reference) };
}

describe("an image on AWS", () => {
    let projectDir: string;

    beforeAll(() => {
        projectDir = copyProject();
    });

    afterAll(() => fs.rmSync(projectDir, { recursive: true }));

    test.each([
        ["airflow", "dags"],
        ["dbt", "dbt"],
    ])("%s carries the project's directory %s as its last layer", async (image, directory) => {
        const { registrations, reference } = await publish(image, projectDir);
        expect(list(registrations)).toEqual([
            "LifecyclePolicy part-repository-lifecycle",
            "Part part",
            "RegistryImage part-pushed-image",
            "RemoteImage part-image",
            `RemoteImage part-image-with-${directory}`,
            "Repository part-repository",
        ]);
        const base = inputsOf(registrations, "RemoteImage part-image");
        const labels = { "lakehouse.stack": "aws" };
        expect(base).toEqual({
            name: expect.stringMatching(new RegExp(`^lakehouse-aws/${image}:[0-9a-f]{12}$`)) as unknown,
            build: {
                context: "images",
                target: image,
                buildArgs: { BASE_IMAGE: "debian:trixie-slim" },
                labels,
                platform: "linux/amd64",
            },
            keepLocally: true,
        });
        const last = registrationOf(registrations, `RemoteImage part-image-with-${directory}`);
        expect(last.inputs).toEqual({
            name: reference,
            build: {
                context: ".",
                dockerfile: "images/project.Dockerfile",
                target: image,
                buildArgs: { PLATFORM_IMAGE: base.name as string },
                labels,
                platform: "linux/amd64",
            },
            keepLocally: true,
        });
        expect(last.dependencies).toEqual(["part-image"]);
    });

    test("spark has nothing of the project", async () => {
        const { registrations, reference } = await publish("spark", projectDir);
        expect(list(registrations)).toEqual([
            "LifecyclePolicy part-repository-lifecycle",
            "Part part",
            "RegistryImage part-pushed-image",
            "RemoteImage part-image",
            "Repository part-repository",
        ]);
        expect(inputsOf(registrations, "RemoteImage part-image").name).toBe(reference);
    });

    test("is pushed once, to a repository whose tags never move", async () => {
        const { registrations, reference } = await publish("airflow", projectDir);
        expect(reference).toMatch(new RegExp(`^${REGISTRY}/lakehouse-aws/airflow:[0-9a-f]{12}$`));
        const pushed = registrationOf(registrations, "RegistryImage part-pushed-image");
        expect(pushed.inputs).toEqual({ name: reference, keepRemotely: true });
        expect(pushed.provider).toMatch(/::target-registry::target-registry-id$/);
        expect(pushed.dependencies).toEqual(expect.arrayContaining(["part-image-with-dags", "part-repository"]));
        expect(inputsOf(registrations, "Repository part-repository")).toEqual({
            name: "lakehouse-aws/airflow",
            imageTagMutability: "IMMUTABLE",
            imageScanningConfiguration: { scanOnPush: true },
            encryptionConfigurations: [
                { encryptionType: "KMS", kmsKey: `arn:aws:kms:${REGION}:${ACCOUNT}:key/platform` },
            ],
            forceDelete: true,
        });
        const { rules } = JSON.parse(
            inputsOf(registrations, "LifecyclePolicy part-repository-lifecycle").policy as string,
        ) as { rules: unknown };
        expect(rules).toMatchObject([
            { selection: { countType: "imageCountMoreThan", countNumber: 20 }, action: { type: "expire" } },
        ]);
        const { registrations: prod } = await publish("airflow", projectDir, { environment: "prod" });
        expect(inputsOf(prod, "Repository part-repository").forceDelete).toBe(false);
    });

    test("has another tag when what goes in changes, and only then", async () => {
        const tags = async (baseImage = "debian:trixie-slim"): Promise<string[]> => {
            const references: string[] = [];
            for (const image of ["airflow", "dbt", "spark"]) {
                references.push((await publish(image, projectDir, { baseImage })).reference);
            }
            return references;
        };
        const before = await tags();
        const [airflow, dbt, spark] = before;
        expect(await tags()).toEqual(before);

        // Leftovers of programs that read the sources.
        fs.mkdirSync(path.join(projectDir, "dags/__pycache__"));
        fs.writeFileSync(path.join(projectDir, "dags/__pycache__/empty_dag.pyc"), "");
        fs.mkdirSync(path.join(projectDir, "dbt/target"));
        fs.writeFileSync(path.join(projectDir, "dbt/target/manifest.json"), "{}");
        expect(await tags()).toEqual(before);

        fs.appendFileSync(path.join(projectDir, "dags/empty_dag.py"), "# changed\n");
        const [ofDags, ...rest] = await tags();
        expect(ofDags).not.toBe(airflow);
        expect(rest).toEqual([dbt, spark]);

        fs.appendFileSync(path.join(projectDir, "images/spark/requirements.txt"), "# changed\n");
        const ofImages = await tags();
        [ofDags, dbt, spark].forEach((former) => expect(ofImages).not.toContain(former));
        const ofBase = await tags("debian:13-slim");
        ofImages.forEach((former) => expect(ofBase).not.toContain(former));
    });

    test("is built from a context that holds dags and dbt and nothing else", () => {
        const lines = fs
            .readFileSync(path.join(PROJECT, ".dockerignore"), "utf8")
            .split("\n")
            .filter((line) => line !== "" && !line.startsWith("#"));
        expect(lines[0]).toBe("*");
        expect(lines.filter((line) => line.startsWith("!"))).toEqual(["!dags", "!dbt"]);
        const copied = fs
            .readFileSync(path.join(PROJECT, "images/project.Dockerfile"), "utf8")
            .split("\n")
            .filter((line) => line.startsWith("COPY"))
            .map((line) => line.split(" ")[1]);
        expect(copied).toEqual(["dags", "dbt"]);
        // Nothing that the project keeps is left out.
        const kept = execFileSync("git", ["ls-files", "dags", "dbt"], { cwd: PROJECT, encoding: "utf8" }).split("\n");
        expect(kept.filter((file) => /__pycache__|^dbt\/(logs|target)\//.test(file))).toEqual([]);
    });
});
