import * as path from "path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { buildOf, hashImages, shortHash } from "../../../components/shared/image";

/** Those with files of the project as their last layer, and the images without. */
const WITH_PROJECT = ["airflow", "dbt"];
const PLAIN = ["spark", "minio", "glue"];

const projectDir = path.resolve(__dirname, "../../..");
const stack = "kubernetes";
const ground = { projectDir, stack, baseImage: process.env.LAKEHOUSE_BASE_IMAGE ?? "debian:trixie-slim" };
const hash = shortHash(hashImages(ground));

/** The program's own Dockerfiles, built for this machine's engine only; unlike the program's, these images are not pushed. */
function build(
    name: string,
    tag: string,
    args: docker.types.input.RemoteImageBuild,
    dependsOn: pulumi.Resource[] = [],
): docker.RemoteImage {
    // Images are a cache for the next run.
    return new docker.RemoteImage(name, { name: tag, build: args, keepLocally: true }, { dependsOn });
}

const built = [...WITH_PROJECT, ...PLAIN].map((image): [string, docker.RemoteImage] => [
    image,
    build(image, `lakehouse-${stack}/${image}:${hash}`, { ...buildOf(image, ground), context: `${projectDir}/images` }),
]);
const images = new Map(built);
for (const image of WITH_PROJECT) {
    const base = images.get(image)!;
    const args = {
        ...buildOf(image, ground),
        context: projectDir,
        dockerfile: "images/project.Dockerfile",
        buildArgs: { PLATFORM_IMAGE: `lakehouse-${stack}/${image}:${hash}` },
    };
    images.set(image, build(`${image}-with-project`, `lakehouse-${stack}/${image}:${hash}-project`, args, [base]));
}

/** References of the images by their targets in images/Dockerfile. */
export = Object.fromEntries([...images].map(([image, { name }]) => [image, name]));
