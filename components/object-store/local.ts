import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { createContainer, createVolume, runContainer, whenReady } from "../shared/container";
import { buildImage } from "../shared/image";
import { generatePassword } from "../shared/password";
import { allReady } from "../shared/ready";
import { localUrl, PORTS } from "../target/ports";
import type { LocalTarget } from "../target";
import type { ObjectStoreArgs, ObjectStoreFacts, ObjectStoreKeys, ObjectStoreOutputs } from "./index";

const SERVICE = "minio";
const DATA = "/var/lib/lakehouse/minio";

/**
 * MinIO in a container and a step that creates the buckets, the platform's user and its policy, and uploads the sample.
 * MinIO is healthy once the platform's user can list a bucket, so the step starts with the server and both are waited for.
 */
export function createLocalObjectStore(
    name: string,
    args: ObjectStoreArgs,
    target: LocalTarget,
    parent: pulumi.Resource,
): ObjectStoreOutputs {
    const sampleKey = path.basename(args.samplePath);
    const keys: ObjectStoreKeys = {
        accessKey: pulumi.output("lakehouse"),
        secretKey: generatePassword(`${name}-platform-password`, parent),
    };
    const facts: ObjectStoreFacts = {
        endpoint: `http://${SERVICE}:9000`,
        region: args.region,
        pathStyle: true,
        buckets: { lake: "lakehouse", examples: "examples", logs: "logs" },
        sampleKey,
        keys,
    };
    const env = {
        MINIO_ROOT_USER: "lakehouse-root",
        MINIO_ROOT_PASSWORD: generatePassword(`${name}-root-password`, parent),
        AWS_ACCESS_KEY_ID: keys.accessKey,
        AWS_SECRET_ACCESS_KEY: keys.secretKey,
        LAKEHOUSE_BUCKETS: Object.values(facts.buckets).sort().join(","),
    };
    const image = buildImage(name, SERVICE, target, parent);
    const server = createContainer(
        name,
        {
            service: SERVICE,
            role: "service",
            image,
            command: ["minio", "server", DATA, "--console-address", ":9001"],
            env: { ...env, MINIO_REGION: facts.region },
            memoryMiB: 1024,
            health: ["/opt/lakehouse/health-minio"],
            ports: [
                { inside: 9000, outside: PORTS.s3 },
                { inside: 9001, outside: PORTS.s3Console },
            ],
            mounts: [
                { source: { volume: createVolume(name, SERVICE, target, parent) }, target: DATA, readOnly: false },
            ],
        },
        target,
        parent,
    );
    const init = runContainer(
        name,
        {
            service: `${SERVICE}-init`,
            role: "init",
            image,
            command: ["/opt/lakehouse/minio-init"],
            env: {
                ...env,
                S3_ENDPOINT: facts.endpoint,
                SAMPLE_FILE: `/sample/${sampleKey}`,
                // A file with other content makes this step run again.
                SAMPLE_SHA256: createHash("sha256").update(fs.readFileSync(args.samplePath)).digest("hex"),
            },
            memoryMiB: 256,
            mounts: [{ source: { path: args.samplePath }, target: `/sample/${sampleKey}`, readOnly: true }],
            after: [server.started],
        },
        target,
        parent,
    );
    return {
        facts,
        publicEndpoint: localUrl(PORTS.s3, target),
        consoleUrl: localUrl(PORTS.s3Console, target),
        ready: allReady([whenReady(server.container, "service"), init]),
    };
}
