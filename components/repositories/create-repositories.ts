import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { defined } from "../../lib/objects/defined";
import { metadataRules } from "../../lib/registries/metadata-rules";
import { parseRepository } from "../../lib/oci/reference";
import { ChannelGate, RepositoryMetadata, type RepositoryMetadataArgs } from "../../resources";
import { DeclarationError } from "../declaration/declaration-error";
import type { DistributionDeclaration } from "../declaration/declaration";
import {
  linksOf,
  plannedRepositories,
  shownFindings,
  type PlannedRepository,
} from "../declaration/shown-plan";
import type { PlannedTag } from "../declaration/tag-rules";
import type { MadeDocument } from "../documents/create-documents";

/** @throws DeclarationError for what a registry could not show */
export function checkRepositories(
  name: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
): void {
  const findings = shownFindings(args, tags);
  if (findings.length > 0) throw new DeclarationError(`distribution ${JSON.stringify(name)}`, findings);
}

/**
 * Declares who may see repositories and which of their tags never move: before anything is pushed, so that nothing that is
 * private is public for a moment. What fails ends the run.
 */
export function createRepositorySettings(
  args: DistributionDeclaration,
  parent: pulumi.Resource,
): RepositoryMetadata[] {
  return plannedRepositories(args).flatMap((planned) => {
    const { visibility, immutableTags } = planned.shown;
    if (visibility === undefined && immutableTags === undefined) return [];
    return [
      new RepositoryMetadata(
        `${planned.repository}:settings`,
        {
          ...placeOf(planned),
          ...defined({ visibility, immutableTags: immutableTags && [...immutableTags] }),
        },
        { parent },
      ),
    ];
  });
}

/**
 * Declares what is written on the pages of repositories, once everything can be downloaded. One that fails does not keep
 * the others from going on: a gate in the end fails the run.
 *
 * @param documents of this run
 */
export function createRepositoryPages(
  distribution: string,
  args: DistributionDeclaration,
  documents: readonly MadeDocument[],
  whenReleased: () => pulumi.Resource[],
  parent: pulumi.Resource,
): void {
  const pages = plannedRepositories(args).flatMap((planned) => {
    const { overview, after } = overviewOf(args, planned, documents);
    const { description, categories } = planned.shown;
    if (overview === undefined && description === undefined && categories === undefined) return [];
    const resource = new RepositoryMetadata(
      `${planned.repository}:page`,
      {
        ...placeOf(planned),
        ...defined({ description, overview, categories: categories && [...categories] }),
        gated: true,
      },
      { parent, dependsOn: [...whenReleased(), ...after] },
    );
    const { name } = metadataRules[planned.target.kind];
    return [{ channel: `${name} ${parseRepository(planned.repository).path}`, resource }];
  });
  if (pages.length === 0) return;
  new ChannelGate(
    `${distribution}-repositories`,
    {
      channels: pages.map(({ channel, resource: { state, reason, awaitingSince } }) => ({
        channel,
        state,
        reason,
        awaitingSince,
      })),
    },
    { parent },
  );
}

function placeOf({
  target,
  repository,
}: PlannedRepository): Pick<RepositoryMetadataArgs, "repository" | "kind" | "api" | "login"> {
  const { kind, api, curator } = target;
  return {
    repository,
    kind,
    ...defined({ api }),
    ...(curator && {
      login: { ...defined({ username: curator.username }), password: pulumi.secret(curator.password) },
    }),
  };
}

/** The text of a page; undefined where none is declared, and where a document has it that is not of this run. */
function overviewOf(
  args: DistributionDeclaration,
  { target, shown: { fullDescription } }: PlannedRepository,
  documents: readonly MadeDocument[],
): { overview?: RepositoryMetadataArgs["overview"]; after: pulumi.Resource[] } {
  if (fullDescription === undefined) return { after: [] };
  if (typeof fullDescription === "string") {
    return {
      overview: { text: fullDescription, ...defined({ links: linksOf(args, target, undefined) }) },
      after: [],
    };
  }
  const { file } = fullDescription;
  const links = defined({ links: linksOf(args, target, file) });
  const isAt = (other: string) => path.posix.normalize(other) === path.posix.normalize(file);
  const document = documents.find((one) => isAt(one.path));
  if (document === undefined) {
    const isOfRelease = (args.documents ?? []).some((one) => one.into === undefined && isAt(one.path));
    return isOfRelease ? { after: [] } : { overview: { file, ...links }, after: [] };
  }
  const { isWhole, resource } = document;
  return {
    overview: isWhole
      ? { text: resource.owned.apply(({ file: text = "" }) => text), ...links }
      : { file, ...links },
    after: [resource],
  };
}
