import * as pulumi from "@pulumi/pulumi";
import type { DeclarationFacts } from "../../lib/workflows/facts";
import { Document } from "../../resources";
import { DeclarationError } from "../declaration/declaration-error";
import type { DistributionDeclaration } from "../declaration/declaration";
import type { DocumentEdits, DocumentFacts, DocumentTarget } from "../declaration/document";
import { documentFindings, documentRelease, isWritten } from "../declaration/document-findings";
import type { PlannedTag } from "../declaration/tag-rules";
import { createElsewhere, type DocumentElsewhere } from "./elsewhere";

/** What documents are given beside the declaration. */
export interface DocumentSources extends Pick<
  DocumentFacts,
  "digestOf" | "artifacts" | "externalImages" | "publishing" | "publicKey" | "textOfFile"
> {
  /** What has to be there before a document says so. */
  readonly whenReleased: () => pulumi.Resource[];
}

/** A document of this run. */
export interface MadeDocument {
  readonly path: string;
  readonly resource: Document;
  /** Whether all of the file is Slipway's. */
  readonly isWhole: boolean;
}

/** @throws DeclarationError for what a document cannot say */
export function checkDocuments(
  name: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
  publishing: DeclarationFacts,
): void {
  const findings = documentFindings(name, args, tags, publishing);
  if (findings.length > 0) throw new DeclarationError(`distribution ${JSON.stringify(name)}`, findings);
}

/**
 * Declares the documents: those of the release are written when everything can be downloaded.
 *
 * @returns those of the project's own repository
 */
export function createDocuments(
  distribution: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
  { whenReleased, ...known }: DocumentSources,
  parent: pulumi.Resource,
): MadeDocument[] {
  const documents = (args.documents ?? []).filter((document) => isWritten(document, args));
  if (documents.length === 0) return [];
  const facts: DocumentFacts = { ...documentRelease(distribution, args, tags, known.publishing), ...known };
  createElsewhere(
    distribution,
    documents.flatMap((document) => (isElsewhere(document) ? [document] : [])),
    args.version,
    facts,
    whenReleased,
    parent,
  );
  const own = documents.filter((document) => !isElsewhere(document));
  return own.map((document) => {
    const { path, mode, takeOver, prereleases, follows = "release" } = document;
    const isOfRelease = follows === "release";
    const edits = document.edits(facts);
    const resource = new Document(
      `${distribution}:${path}`,
      {
        path,
        edits,
        mode,
        takeOver,
        version: isOfRelease ? args.version : undefined,
        prereleases: isOfRelease ? prereleases : undefined,
      },
      { parent, dependsOn: isOfRelease ? whenReleased() : [] },
    );
    return { path, resource, isWhole: edits.every(isOfWhole) };
  });
}

function isElsewhere(document: DocumentTarget): document is DocumentElsewhere {
  return document.into !== undefined;
}

/** Which edits there are is known, whatever is in them. */
function isOfWhole(edit: DocumentEdits[number]): boolean {
  return "whole" in edit || "template" in edit || "yaml" in edit;
}
