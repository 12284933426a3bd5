import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { LocalTarget } from "../target";

/** Made by the tools beside the sources; their content follows from files that are hashed. */
const NOT_HASHED = new Set([".ca", "bin"]);

/** Directory of the Dockerfile, relative to the project. */
const CONTEXT = "images";

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
    const context = path.join(target.projectDir, CONTEXT);
    const hash = hashTree(context).update(target.baseImage).digest("hex").slice(0, 12);
    return new docker.RemoteImage(
        `${name}-image`,
        {
            name: `${target.prefix}/${image}:${hash}`,
            build: {
                context: CONTEXT,
                target: image,
                buildArgs: { BASE_IMAGE: target.baseImage },
                labels: { "lakehouse.stack": target.stack },
            },
            // Images are a cache: the next `make up` after a destroy is quick. `make clean` removes them.
            keepLocally: true,
        },
        { parent },
    ).imageId;
}

/** Hashes the names and contents of all files below a directory, in a stable order. */
export function hashTree(directory: string, hash = createHash("sha256")): ReturnType<typeof createHash> {
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
