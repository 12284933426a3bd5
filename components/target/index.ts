import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config";
import { createLocalTarget } from "./local";

/** The ground that a platform stands on. */
export type Target = LocalTarget;

/** Containers on a Docker network of the stack's own. */
export interface LocalTarget {
    readonly kind: "local";
    readonly stack: string;
    /** Start of the name of every container, network, volume and image. */
    readonly prefix: string;
    /** Name of the network. */
    readonly network: pulumi.Input<string>;
    /** Added to every published port. */
    readonly portOffset: number;
    readonly baseImage: string;
    /** Absolute path of the project. */
    readonly projectDir: string;
    /** Whether data volumes survive a destroy. */
    readonly keepData: boolean;
}

/**
 * Checks that the ground can carry the platform, then creates it.
 *
 * @throws UserError when it cannot; nothing is created then
 */
export function createTarget(name: string, settings: Settings): Promise<Target> {
    switch (settings.target) {
        case "local":
            return createLocalTarget(name, settings);
    }
}
