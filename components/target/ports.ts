import type { Settings } from "../../config";

/** Ports published on 127.0.0.1 before the stack's offset. */
export const PORTS = {
    airflow: 8080,
    sparkMaster: 8081,
    s3: 9000,
    s3Console: 9001,
    sparkConnect: 15002,
    sparkHistory: 18080,
} as const;

export type PortName = keyof typeof PORTS;

/** Ports that a stack really publishes, by name, its offset added. */
export function publishedPorts(settings: Pick<Settings, "portOffset" | "spark">): [PortName, number][] {
    return (Object.entries(PORTS) as [PortName, number][])
        .filter(([name]) => name !== "sparkConnect" || settings.spark.connect)
        .map(([name, port]) => [name, port + settings.portOffset]);
}

/** Address of a published port, as the user types it. */
export function localUrl(port: number, target: { readonly portOffset: number }): string {
    return `http://localhost:${port + target.portOffset}`;
}
