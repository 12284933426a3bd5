/** Ports published on 127.0.0.1 before the stack's offset. */
export const PORTS = {
    airflow: 8080,
    sparkMaster: 8081,
    s3: 9000,
    s3Console: 9001,
    sparkHistory: 18080,
} as const;

/** Address of a published port, as the user types it. */
export function localUrl(port: number, target: { readonly portOffset: number }): string {
    return `http://localhost:${port + target.portOffset}`;
}
