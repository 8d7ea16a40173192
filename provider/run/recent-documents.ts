/** How many bytes of documents are kept, at most. */
const mostBytes = 16 * 1024 * 1024;

/** Documents that this run has made and that another resource is about to read, by digest. */
export class RecentDocuments {
  private readonly documents = new Map<string, Buffer>();
  private bytes = 0;

  /** Keeps a document; the oldest give way. */
  keep(digest: string, document: Buffer): void {
    this.take(digest);
    this.documents.set(digest, document);
    this.bytes += document.length;
    for (const oldest of this.documents.keys()) {
      if (this.bytes <= mostBytes) return;
      this.take(oldest);
    }
  }

  /** Gives a document away; undefined where it is not kept. */
  take(digest: string): Buffer | undefined {
    const document = this.documents.get(digest);
    this.documents.delete(digest);
    this.bytes -= document?.length ?? 0;
    return document;
  }
}
