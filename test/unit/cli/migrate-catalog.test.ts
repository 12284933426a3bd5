import { checkEnds, parseGlue, resultTable } from "../../../tools/cli/commands/migrate-catalog";
import { UserError } from "../../../tools/cli/errors";

const EXAMPLE = "Known: hadoop, jdbc, hive, glue, rest. For example: make migrate-catalog FROM=jdbc TO=rest";

test.each([
    [undefined, "rest", "name the catalog with FROM=", EXAMPLE],
    ["jdbc", undefined, "name the catalog with TO=", EXAMPLE],
    ["nessie", "rest", 'FROM="nessie" is not a type of catalog', EXAMPLE],
    ["jdbc", "REST", 'TO="REST" is not a type of catalog', EXAMPLE],
    ["jdbc", "jdbc", "FROM and TO are both jdbc", "A catalog has its own tables already."],
    [
        "jdbc",
        "hadoop",
        "TO=hadoop: the hadoop catalog has no registry, a table is where its name says",
        "Allowed: jdbc, hive, glue, rest. Copy with: create table … as select …",
    ],
])("FROM=%s TO=%s is refused", (from, to, message, remedy) => {
    let thrown: unknown;
    try {
        checkEnds(from, to);
    } catch (error) {
        thrown = error;
    }
    expect(thrown).toBeInstanceOf(UserError);
    expect(thrown).toMatchObject({ message, remedy });
});

test("every other pair is fine", () => {
    expect(checkEnds("hadoop", "jdbc")).toEqual({ from: "hadoop", to: "jdbc" });
    expect(checkEnds("rest", "glue")).toEqual({ from: "rest", to: "glue" });
});

test("Glue's tables are those with Iceberg metadata", () => {
    const tables = {
        customers: { input: { Parameters: { metadata_location: "s3://lake/c/metadata/1.json" } }, version: 3 },
        other: { input: { Parameters: {} }, version: 1 },
        bare: { input: {}, version: 1 },
    };
    const text = JSON.stringify({ databases: { raw: { tables }, empty: { tables: {} } } });
    expect(parseGlue(text)).toEqual([
        { namespace: ["raw"], name: "customers", metadata: "s3://lake/c/metadata/1.json" },
    ]);
});

test("the report names each table, and what is missing stands out", () => {
    expect(
        resultTable([
            { table: "raw.customers", outcome: "registered", detail: "s3://lake/1.json" },
            { table: "raw.other", outcome: "differs", detail: "s3://lake/2.json" },
            { table: "raw.gone", outcome: "failed", detail: "not found" },
        ]).split("\n"),
    ).toEqual([
        " table           result                                              metadata, or reason",
        " raw.customers   registered                                          s3://lake/1.json",
        " raw.other       NOT MIGRATED: another table of this name is there   s3://lake/2.json",
        " raw.gone        FAILED                                              not found",
    ]);
});
