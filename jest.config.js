/** @type {import("jest").Config} */
module.exports = {
    testMatch: ["<rootDir>/test/unit/**/*.test.ts"],
    transform: { "\\.ts$": "ts-jest" },
    // Loading the Pulumi SDK on a busy machine takes seconds.
    testTimeout: 30_000,
};
