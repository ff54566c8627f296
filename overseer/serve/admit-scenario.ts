import { basename, join, relative, resolve, sep } from "node:path";
import { AppError, type Problem } from "../../shared/errors/app-error.ts";
import type { AccountsSource, Scenario } from "../../shared/scenario/scenario.ts";
import type { SecretSource } from "../../shared/scenario/secret-source.ts";

export interface Reach {
  /** Where key files of submitted scenarios lie; null: such scenarios are refused. */
  readonly keys: string | null;
  /** Variables of the environment that submitted scenarios may name. */
  readonly secretVariables: readonly string[];
}

/**
 * A scenario from another machine, which may reach no file, variable or engine of this one but those that the overseer's
 * owner has named for it. Throws SCENARIO_INVALID with all that is out of reach.
 */
export function admitScenario(scenario: Scenario, reach: Reach): Scenario {
  const gate = new Gate(reach);
  const admitted = { ...scenario, accounts: gate.accounts(scenario.accounts) };
  gate.network(scenario);
  gate.beacons(scenario);
  gate.observe(scenario);
  if (gate.problems.length === 0) return admitted;
  throw new AppError("SCENARIO_INVALID", "the scenario names what is out of a submitted scenario's reach", {
    problems: gate.problems,
  });
}

/** Where what belongs to a scenario is written beside its file: under its name, but never where that leads. */
export function admittedPath(path: string, folder: string): string {
  return join(folder, basename(path.replaceAll("\\", "/")).replaceAll(/[^A-Za-z0-9._-]/g, "_"));
}

/** Whoever may start containers of any image on an engine has its machine. */
const engineRefused = "is not for submitted scenarios: the container engine is the overseer's";

class Gate {
  readonly problems: Problem[] = [];
  readonly #reach: Reach;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  accounts(accounts: AccountsSource): AccountsSource {
    if (accounts.kind === "embedded") return accounts;
    if (accounts.kind === "given") return { ...accounts, keys: this.#secret("accounts.keys", accounts.keys) };
    const { funder, keys } = accounts;
    return {
      ...accounts,
      funder: { ...funder, key: this.#secret("accounts.from.key", funder.key) },
      keys:
        keys.kind === "file"
          ? { kind: "file", path: this.#file("accounts.keys.file", keys.path) }
          : { kind: "phrase", source: this.#secret("accounts.keys.phrase", keys.source) },
    };
  }

  network({ network }: Scenario): void {
    // Named one by one, so that a kind that is new is refused until somebody has thought about it.
    if (network.kind === "endpoints") return;
    if (network.kind !== "embedded") this.#refuse("network", "expected embedded or endpoints");
    else if (network.container !== null) this.#refuse("network.docker", engineRefused);
  }

  beacons({ beacons }: Scenario): void {
    if (beacons.deploy !== null) this.#refuse("beacons.deploy", engineRefused);
  }

  observe({ observe }: Scenario): void {
    if (observe.containers.length > 0) {
      this.#refuse("observe.containers", engineRefused);
    }
    for (const [i, { token, authority }] of observe.prometheus.entries()) {
      const path = `observe.prometheus[${i}]`;
      // A secret of the overseer's, which would be shown to whatever the scenario names.
      if (token !== null) this.#refuse(`${path}.token`, "is not for submitted scenarios: it would leave the overseer");
      if (authority !== null)
        this.#refuse(`${path}.ca`, "is not for submitted scenarios: it is a file of the overseer's");
    }
  }

  #secret(path: string, source: SecretSource): SecretSource {
    if (source.kind === "file") return { kind: "file", path: this.#file(`${path}.file`, source.path) };
    const { secretVariables } = this.#reach;
    if (!secretVariables.includes(source.variable)) {
      const expected = "expected a variable that the overseer was started with as --secret-env";
      this.problems.push({ path: `${path}.env`, value: source.variable, expected });
    }
    return source;
  }

  #file(path: string, resolved: string): string {
    // As written, unless it leads somewhere else: it was resolved as if the scenario lay in this process's own folder.
    const written = relative(resolve("."), resolved);
    const { keys } = this.#reach;
    if (keys !== null && written !== "" && written !== ".." && !written.includes(sep)) return join(keys, written);
    const expected =
      keys === null
        ? "names a file, but this overseer was started without --keys FOLDER"
        : "expected the name of a file in the overseer's --keys folder";
    this.problems.push({ path, value: written.slice(0, 100), expected });
    return resolved;
  }

  #refuse(path: string, expected: string): void {
    this.problems.push({ path, expected });
  }
}
