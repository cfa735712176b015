package dev.tokenbroker.evaluate.federation.document;

import static dev.tokenbroker.evaluate.federation.document.DocumentSection.CLIENTS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.ISSUERS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.RULES;
import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.FederationDocument;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entries that a document disables. They come into force even if the document is refused, so
 * that no file of a team can hold back the emergency switch. Only entries in files that may write
 * everything count, since a team must not disable those of others. Immutable.
 */
public record Narrowing(Set<Disabled> entries) {

  /** Disables nothing. */
  public static final Narrowing NONE = new Narrowing(Set.of());

  public Narrowing {
    entries = Set.copyOf(entries);
  }

  /**
   * A disabled entry.
   *
   * @param section {@code ISSUERS}, {@code CLIENTS} or {@code RULES}
   */
  record Disabled(DocumentSection section, String name) {}

  /**
   * The entries that a document disables.
   *
   * @param root the name of the root document; null if every file may write everything
   */
  static Narrowing of(FederationDocument document, @Nullable String root) {
    return new Narrowing(
        Stream.of(
                document.issuers().stream()
                    .filter(DeclaredIssuer::disabled)
                    .map(issuer -> new Disabled(ISSUERS, issuer.name())),
                document.clients().stream()
                    .filter(ClientSection.DeclaredClient::disabled)
                    .map(client -> new Disabled(CLIENTS, client.name())),
                document.rules().stream()
                    .filter(rule -> rule.disabled() && !rule.shadow())
                    .map(rule -> new Disabled(RULES, rule.name())))
            .flatMap(entries -> entries)
            .filter(
                entry ->
                    root == null
                        || root.equals(document.outline().file(entry.section(), entry.name())))
            .collect(toUnmodifiableSet()));
  }

  /** These and those entries, without any that the federation lacks or has disabled itself. */
  public Narrowing and(Narrowing more, Federation federation) {
    return new Narrowing(
        Stream.of(
                federation.issuers().all().stream()
                    .filter(issuer -> !issuer.disabled())
                    .map(issuer -> new Disabled(ISSUERS, issuer.name())),
                federation.clients().all().stream()
                    .filter(client -> !client.disabled())
                    .map(client -> new Disabled(CLIENTS, client.name())),
                federation.policy().rules().stream()
                    .filter(rule -> !rule.disabled() && !rule.shadow())
                    .map(rule -> new Disabled(RULES, rule.name())))
            .flatMap(enabled -> enabled)
            .filter(entry -> entries.contains(entry) || more.entries.contains(entry))
            .collect(toUnmodifiableSet()));
  }

  /** That federation with these entries disabled: a revision of its own, alike on all replicas. */
  public Federation of(Federation federation) {
    String revision = federation.revision() + " without " + this;
    RegisteredClients clients =
        RegisteredClients.of(
            federation.clients().all().stream()
                .map(client -> has(CLIENTS, client.name()) ? client.disable() : client)
                .toList());
    return new Federation(
        Sha256.hex(revision.getBytes(StandardCharsets.UTF_8)),
        TrustedIssuers.of(
                federation.issuers().all().stream()
                    .map(issuer -> has(ISSUERS, issuer.name()) ? issuer.disable() : issuer)
                    .toList())
            .with(clients.issuers()),
        clients,
        federation.policy().disabling(rule -> has(RULES, rule.name())),
        federation.upstreams(),
        federation.loadedAt(),
        federation.sources(),
        federation.former());
  }

  private boolean has(DocumentSection section, String name) {
    return entries.contains(new Disabled(section, name));
  }

  /** The fact by which refusals are compared with it. */
  public Clue clue() {
    return Clue.of(
        entries.stream()
            .map(entry -> Clue.entry(entry.section().label(), entry.name(), "disabled"))
            .toArray(String[]::new));
  }

  /** Names the entries, sorted. */
  @Override
  public String toString() {
    return entries.stream()
        .map(entry -> entry.section().label() + ' ' + entry.name())
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
