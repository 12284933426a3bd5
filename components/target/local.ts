import * as docker from "@pulumi/docker";
import type { Settings } from "../../config";
import { labels } from "../shared/container";
import type { LocalTarget } from "./index";
import { checkEngine, readEngineFacts } from "./engine";

/** Creates the stack's network once the container engine has passed its checks. */
export async function createLocalTarget(name: string, settings: Settings): Promise<LocalTarget> {
    checkEngine(settings, await readEngineFacts(settings));
    const prefix = `lakehouse-${settings.stack}`;
    const network = new docker.Network(`${name}-network`, {
        name: prefix,
        labels: labels({ stack: settings.stack }, "network", "network"),
    });
    return {
        kind: "local",
        stack: settings.stack,
        prefix,
        network: network.name,
        portOffset: settings.portOffset,
        baseImage: settings.baseImage,
        projectDir: settings.projectDir,
        keepData: settings.keepData,
    };
}
