import type { Context } from "../context";
import { containers, docker } from "../docker";
import { UserError } from "../errors";
import { round, type Figure } from "./figure";

/** One image as `docker image inspect` and `docker history` tell it, lowest layer first. */
export interface ImageFacts {
    name: string;
    layers: string[];
    history: { instruction: string; size: number }[];
}

/** Size of all images that the stack's containers run, each layer counted once. */
export async function images({ stack }: Context): Promise<Figure[]> {
    const ids = [...new Set((await containers(stack)).map((fact) => fact.image))];
    if (ids.length === 0) {
        throw new UserError(`stack ${stack} has no containers whose images could be measured`, "make up");
    }
    const facts = await Promise.all(ids.map(readImage));
    const sizes = uniqueLayers(facts);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    return [
        {
            name: "all image layers, shared ones once",
            value: round(total / 1e9),
            unit: "GB",
            target: 2.6,
            note: `${ids.length} images, ${sizes.size} layers; 1 GB = 10^9 bytes, as docker image ls counts`,
        },
    ];
}

/**
 * Size of every distinct layer. A layer is shared only when all layers below it are the same, as the engine
 * stores it, hence the chain as its key. History has an entry for each instruction of a Dockerfile, of which
 * only some make a layer.
 */
export function uniqueLayers(facts: readonly ImageFacts[]): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const { name, layers, history } of facts) {
        const made = history.filter(({ instruction, size }) => size > 0 || makesLayer(instruction));
        if (made.length !== layers.length) {
            throw new UserError(
                `cannot tell the layers of ${name} apart: ${layers.length} layers, ${made.length} instructions that make one`,
            );
        }
        layers.forEach((_, index) => {
            sizes.set(layers.slice(0, index + 1).join(), made[index]?.size ?? 0);
        });
    }
    return sizes;
}

/** Instructions that leave a layer even when it is empty; the others only change the image's settings. */
function makesLayer(instruction: string): boolean {
    return /^(RUN|COPY|ADD|WORKDIR)\b/.test(instruction);
}

async function readImage(id: string): Promise<ImageFacts> {
    const [layers, history] = await Promise.all([
        docker(["image", "inspect", "--format", "{{json .RootFS.Layers}}", id]),
        docker(["history", "--no-trunc", "--human=false", "--format", "{{.Size}}\t{{.CreatedBy}}", id]),
    ]);
    return {
        name: id,
        layers: JSON.parse(layers) as string[],
        history: history
            .trimEnd()
            .split("\n")
            .map((line) => {
                const [size = "0", instruction = ""] = line.split("\t");
                return { instruction, size: Number(size) };
            })
            .reverse(),
    };
}
