#!/usr/bin/env node
/**
 * Makes the sample file that the pipelines run on. The same arguments give the same bytes on every machine: all that is
 * random comes from one seeded generator, all dates are in UTC, and nothing depends on the locale.
 */
import { createWriteStream } from "node:fs";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

const HELP = `Usage: node tools/sample-data.mjs --out FILE [--rows N] [--seed N] [--force]

  --out FILE   where to write the CSV; an existing file is kept
  --rows N     data rows, flawed ones included (default 100000)
  --seed N     another seed gives other data (default 1)
  --force      write the file anew
  --help       this text
`;

const COLUMNS = [
    "Index",
    "Customer Id",
    "First Name",
    "Last Name",
    "Company",
    "City",
    "Country",
    "Phone 1",
    "Phone 2",
    "Email",
    "Subscription Date",
    "Website",
];

/** Flawed rows of each kind in 100,000; other sizes get their share, at least one of each from 1,000 rows on. */
const FLAWS = {
    truncated_row: 30, // malformed_row: the row ends in the middle
    unquoted_comma: 30, // malformed_row: one field too many
    missing_customer_id: 60, // empty, or blanks only
    impossible_date: 90, // invalid_subscription_date: 2021-02-30 and the like
    foreign_date: 50, // invalid_subscription_date: another format, or no date
    repeated_id: 140, // duplicate_customer_id: the id of an earlier good row
};

const FIRST_DAY = Date.UTC(2020, 0, 1);
const LAST_DAY = Date.UTC(2025, 5, 30);
const DAY_MS = 86_400_000;
const IMPOSSIBLE_DAYS = ["02-30", "02-31", "04-31", "06-31", "09-31", "11-31", "13-01", "00-10"];

/** A mistake of the user: the message is all they need. */
class UserError extends Error {}

function readArguments(argv) {
    let values;
    try {
        ({ values } = parseArgs({
            args: argv,
            options: {
                out: { type: "string" },
                rows: { type: "string", default: "100000" },
                seed: { type: "string", default: "1" },
                force: { type: "boolean", default: false },
                help: { type: "boolean", default: false },
            },
        }));
    } catch (error) {
        throw new UserError(`${error.message}\n\n${HELP}`);
    }
    if (values.help) {
        return { help: true };
    }
    if (!values.out) {
        throw new UserError(`--out is missing: say where to write the file.\n\n${HELP}`);
    }
    return {
        help: false,
        out: path.resolve(values.out),
        rows: wholeNumber("--rows", values.rows, 1),
        seed: wholeNumber("--seed", values.seed, 0),
        force: values.force,
    };
}

function wholeNumber(option, text, least) {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < least) {
        throw new UserError(`${option} is '${text}'; it must be a whole number from ${least} to 999999999.`);
    }
    return value;
}

/** Single locales only: the whole package takes a second to load. */
async function loadFakers(seed) {
    try {
        const { Faker, generateMersenne53Randomizer } = await import("@faker-js/faker");
        const names = ["en", "de", "es", "fr", "pl", "pt_BR", "sv", "tr"];
        const locales = await Promise.all(
            ["base", ...names].map(
                async (name) => (await import(`@faker-js/faker/locale/${name}`)).faker.rawDefinitions,
            ),
        );
        const [base, en, ...others] = locales;
        // One sequence for all, or every locale would draw the same numbers.
        const randomizer = generateMersenne53Randomizer(seed);
        const fakers = [[en, base], ...others.map((locale) => [locale, en, base])].map(
            (locale) => new Faker({ locale, randomizer }),
        );
        return { english: fakers[0], foreign: fakers.slice(1) };
    } catch (error) {
        if (error.code === "ERR_MODULE_NOT_FOUND") {
            throw new UserError("@faker-js/faker is not installed: run 'npm ci' first.");
        }
        throw error;
    }
}

/** Which rows get which flaw: Map of index to kind. Row 1 stays good, so that there always is an id to repeat. */
function planFlaws(faker, rows) {
    const plan = new Map();
    for (const [kind, share] of Object.entries(FLAWS)) {
        const count = rows < 1000 ? 0 : Math.max(1, Math.round((share * rows) / 100_000));
        for (let made = 0; made < count;) {
            const index = faker.number.int({ min: 2, max: rows });
            if (!plan.has(index)) {
                plan.set(index, kind);
                made += 1;
            }
        }
    }
    return plan;
}

function quote(field) {
    return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function companyName(faker, lastName) {
    switch (faker.number.int(3)) {
        case 0:
            return `${lastName}, ${faker.person.lastName()} and ${faker.person.lastName()}`;
        case 1:
            return `${lastName} ${faker.helpers.arrayElement(["Ltd", "Inc", "PLC", "Group", "LLC"])}`;
        case 2:
            return `${lastName}-${faker.person.lastName()}`;
        default:
            return `${lastName}, ${faker.helpers.arrayElement(["Inc.", "Sons & Co.", "Ltd."])}`;
    }
}

function dayBetween(faker) {
    const days = faker.number.int((LAST_DAY - FIRST_DAY) / DAY_MS);
    return new Date(FIRST_DAY + days * DAY_MS).toISOString().slice(0, 10);
}

function customer(english, foreign, countries, index) {
    // A third of the customers have names with the letters of another language.
    const local = english.number.int(2) === 0 ? english.helpers.arrayElement(foreign) : english;
    const firstName = local.person.firstName();
    const lastName = local.person.lastName();
    const host = english.internet.domainName();
    return {
        index: String(index),
        id: english.string.hexadecimal({ length: 15, casing: "upper", prefix: "" }),
        firstName,
        lastName,
        company: companyName(local, lastName),
        city: local.location.city(),
        country: english.helpers.arrayElement(countries),
        phone1: english.phone.number({ style: "national" }),
        phone2: english.phone.number({ style: "international" }),
        email: `${english.internet.username()}@${host}`.toLowerCase(),
        date: dayBetween(english),
        website: `https://www.${host}/`,
    };
}

function fieldsOf(row) {
    return Object.values(row).map(quote);
}

function flawedFields(faker, kind, row, earlierId) {
    switch (kind) {
        case "truncated_row":
            return fieldsOf(row).slice(0, faker.number.int({ min: 3, max: 11 }));
        case "unquoted_comma": {
            const fields = fieldsOf(row);
            fields[4] = `${row.lastName}, ${faker.helpers.arrayElement(["Inc.", "Ltd."])}`;
            return fields;
        }
        case "missing_customer_id":
            return fieldsOf({ ...row, id: faker.helpers.arrayElement(["", "", "   "]) });
        case "impossible_date":
            return fieldsOf({
                ...row,
                date: `${row.date.slice(0, 4)}-${faker.helpers.arrayElement(IMPOSSIBLE_DAYS)}`,
            });
        case "foreign_date": {
            const [year, month, day] = row.date.split("-");
            const choices = [`${day}/${month}/${year}`, `${day}.${month}.${year}`, `${year}${month}${day}`, "n/a", ""];
            return fieldsOf({ ...row, date: faker.helpers.arrayElement(choices) });
        }
        case "repeated_id":
            return fieldsOf({ ...row, id: earlierId });
        default:
            throw new Error(`unknown flaw: ${kind}`);
    }
}

/** The file's lines, and in the end the number of flawed rows by kind. */
function* lines({ english, foreign }, rows) {
    const plan = planFlaws(english, rows);
    const countries = [...new Set(english.definitions.location.country)];
    const counts = Object.fromEntries(Object.keys(FLAWS).map((kind) => [kind, 0]));
    const goodIds = [];
    yield `${COLUMNS.join(",")}\n`;
    for (let index = 1; index <= rows; index += 1) {
        const row = customer(english, foreign, countries, index);
        const kind = plan.get(index);
        if (kind) {
            counts[kind] += 1;
            const earlierId = english.helpers.arrayElement(goodIds);
            yield `${flawedFields(english, kind, row, earlierId).join(",")}\n`;
        } else {
            goodIds.push(row.id);
            yield `${fieldsOf(row).join(",")}\n`;
        }
    }
    return counts;
}

/** Writes beside the file and renames: nobody ever sees half of it. */
async function write(out, fakers, rows) {
    const temporary = path.join(path.dirname(out), `.${path.basename(out)}.${process.pid}.tmp`);
    const removeOnSignal = () => rm(temporary, { force: true }).finally(() => process.exit(130));
    process.once("SIGINT", removeOnSignal).once("SIGTERM", removeOnSignal);
    try {
        await mkdir(path.dirname(out), { recursive: true });
        const stream = createWriteStream(temporary, { flush: true });
        const closed = once(stream, "close");
        const source = lines(fakers, rows);
        let chunk = "";
        let bytes = 0;
        let step = source.next();
        for (; !step.done; step = source.next()) {
            chunk += step.value;
            if (chunk.length > 1 << 18) {
                bytes += Buffer.byteLength(chunk);
                if (!stream.write(chunk)) {
                    await once(stream, "drain");
                }
                chunk = "";
            }
        }
        bytes += Buffer.byteLength(chunk);
        stream.end(chunk);
        await closed;
        await rename(temporary, out);
        return { counts: step.value, bytes };
    } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        if (error.code && error.syscall) {
            throw new UserError(`${out} cannot be written: ${error.message}`);
        }
        throw error;
    }
}

async function exists(file) {
    return access(file).then(
        () => true,
        () => false,
    );
}

async function main() {
    const options = readArguments(process.argv.slice(2));
    if (options.help) {
        process.stdout.write(HELP);
        return;
    }
    const name = path.relative(process.cwd(), options.out);
    if (!options.force && (await exists(options.out))) {
        console.log(`${name} exists already and is kept (--force makes it anew).`);
        return;
    }
    const fakers = await loadFakers(options.seed);
    const { counts, bytes } = await write(options.out, fakers, options.rows);
    const flawed = Object.values(counts).reduce((sum, count) => sum + count, 0);
    console.log(`${name}: ${options.rows} rows, ${(bytes / 1e6).toFixed(1)} MB, seed ${options.seed}.`);
    console.log(
        `Flawed rows: ${flawed} (malformed_row ${counts.truncated_row + counts.unquoted_comma}, ` +
            `missing_customer_id ${counts.missing_customer_id}, ` +
            `invalid_subscription_date ${counts.impossible_date + counts.foreign_date}, ` +
            `duplicate_customer_id ${counts.repeated_id}).`,
    );
}

main().catch((error) => {
    console.error(error instanceof UserError ? `error: ${error.message}` : error);
    process.exitCode = 1;
});
