import { createHash, type Hash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { LocalTarget, Target } from "../target";

/** Made by the tools beside the sources; no image has them, or their content follows from files that are hashed. */
const NOT_HASHED = new Set([".ca", "__pycache__", "bin", "logs", "target"]);

/** Directory of the Dockerfile, relative to the project. */
const CONTEXT = "images";

/** What the builds of all targets have in common. */
type Ground = Pick<Target, "baseImage" | "projectDir" | "stack">;

/**
 * Builds one of the platform's images from its target in images/Dockerfile. The tag is a hash of the sources, so that
 * an unchanged tree builds nothing and a changed one replaces just what uses the image.
 *
 * @param name prefix of the logical name
 * @param image name of the target in the Dockerfile
 * @returns the image's id
 */
export function buildImage(
    name: string,
    image: string,
    target: LocalTarget,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    return new docker.RemoteImage(
        `${name}-image`,
        {
            name: `${target.prefix}/${image}:${shortHash(hashImages(target))}`,
            build: buildOf(image, target),
            // Images are a cache: the next `make up` after a destroy is quick. `make clean` removes them.
            keepLocally: true,
        },
        { parent },
    ).imageId;
}

/** How an image is built from its target in images/Dockerfile. */
export function buildOf(image: string, ground: Ground): docker.types.input.RemoteImageBuild {
    return {
        context: CONTEXT,
        target: image,
        buildArgs: { BASE_IMAGE: ground.baseImage },
        labels: { "lakehouse.stack": ground.stack },
    };
}

/** Hashes all that the images are built from. */
export function hashImages(ground: Ground): Hash {
    return hashTree(path.join(ground.projectDir, CONTEXT)).update(ground.baseImage);
}

/** Enough of a hash to tell one tree from another, in a tag. */
export function shortHash(hash: Hash): string {
    return hash.digest("hex").slice(0, 12);
}

/** Hashes the names and contents of all files below a directory, in a stable order. */
export function hashTree(directory: string, hash: Hash = createHash("sha256")): Hash {
    const entries = fs.readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
        const file = path.join(directory, entry.name);
        if (entry.isDirectory() && !NOT_HASHED.has(entry.name)) {
            hashTree(file, hash.update(`${entry.name}/`));
        } else if (entry.isFile()) {
            hash.update(entry.name).update("\0").update(fs.readFileSync(file)).update("\0");
        }
    }
    return hash;
}
