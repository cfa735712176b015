package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.credential.CredentialVerifier.UnverifiedIdentity;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.Certificates;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.Federated;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.OwnKeys;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.SharedSecret;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The clients of one federation. Immutable. */
public final class RegisteredClients {

  /** A federation without clients. */
  public static final RegisteredClients NONE = new RegisteredClients(List.of());

  private final Map<String, RegisteredClient> byName = new LinkedHashMap<>();
  private final Map<String, RegisteredClient> byCertificate = new HashMap<>();
  private final Map<Federated, RegisteredClient> bySubject = new HashMap<>();

  private RegisteredClients(List<RegisteredClient> clients) {
    for (RegisteredClient client : clients) {
      byName.put(client.name(), client);
      switch (client.proof()) {
        case Certificates certificates ->
            certificates.thumbprints().forEach(each -> byCertificate.put(each, client));
        case Federated federated -> bySubject.put(federated, client);
        case SharedSecret _, OwnKeys _ -> {}
      }
    }
  }

  /** The clients, whose names, certificates and subjects differ. */
  public static RegisteredClients of(List<RegisteredClient> clients) {
    return clients.isEmpty() ? NONE : new RegisteredClients(clients);
  }

  /** All clients in the order of the document. */
  public Collection<RegisteredClient> all() {
    return byName.values();
  }

  /** The clients with own keys, as issuers of their assertions. */
  public List<TrustedIssuer> issuers() {
    return all().stream()
        .map(RegisteredClient::proof)
        .filter(OwnKeys.class::isInstance)
        .map(proof -> ((OwnKeys) proof).assertions())
        .toList();
  }

  /** The methods by which the clients with that right authenticate, by their registered names. */
  public List<String> methods(ClientRight right) {
    return all().stream()
        .filter(client -> client.may().contains(right) && !client.disabled())
        .flatMap(
            client ->
                switch (client.proof()) {
                  case SharedSecret _ -> Stream.of("client_secret_basic", "client_secret_post");
                  case OwnKeys _, Federated _ -> Stream.of("private_key_jwt");
                  case Certificates _ -> Stream.of("tls_client_auth");
                })
        .distinct()
        .sorted()
        .toList();
  }

  /** Whether a client has that name. */
  public boolean isName(String name) {
    return byName.containsKey(name);
  }

  @Nullable RegisteredClient named(String name) {
    return byName.get(name);
  }

  @Nullable RegisteredClient holding(String certificate) {
    return byCertificate.get(certificate);
  }

  /** The client that a credential is about; null if it is about none. */
  @Nullable RegisteredClient of(VerifiedIdentity identity) {
    return of(identity.issuer(), identity.subject());
  }

  /** Whether a credential names a client, as far as its unverified claims tell. */
  boolean isNamed(UnverifiedIdentity identity) {
    return of(identity.issuer(), identity.subject()) != null;
  }

  /** Whether the document registers the subject of that issuer as a client. */
  public boolean isSubject(String issuerName, String subject) {
    return issuerName.startsWith(TrustedIssuer.CLIENT_PREFIX)
        || bySubject.containsKey(new Federated(issuerName, subject));
  }

  private @Nullable RegisteredClient of(TrustedIssuer issuer, String subject) {
    return issuer.client()
        ? byName.get(issuer.issuer())
        : bySubject.get(new Federated(issuer.name(), subject));
  }

  /** Whether the credential proves a registered client by itself. */
  public boolean isProvedBy(VerifiedIdentity identity) {
    return of(identity) != null;
  }

  /**
   * Whether the stated id is a {@code client_id} for the credential (RFC 7521 section 4.2): the
   * name of the client that it proves, or its {@code sub}, {@code azp} or {@code client_id}. If the
   * credential proves no registered client, these claims count only for an assertion. A person's
   * token also names the client that got it, but every service that receives the token could send
   * that name.
   */
  public boolean isOf(VerifiedIdentity identity, PresentedClient stated) {
    return isOf(of(identity), identity.isOfClient(stated.id()), stated);
  }

  /** As {@link #isOf(VerifiedIdentity, PresentedClient)}, for a credential not verified yet. */
  boolean wouldBeOf(TrustedIssuer issuer, UnverifiedJwt jwt, PresentedClient stated) {
    return isOf(
        of(issuer, jwt.registered().subject()),
        VerifiedIdentity.isOfClient(jwt.claims(), stated.id()),
        stated);
  }

  private static boolean isOf(
      @Nullable RegisteredClient proved, boolean named, PresentedClient stated) {
    return proved == null
        ? named && stated.byCredential()
        : named || proved.name().equals(stated.id());
  }

  /** The client of that name, if it may exchange; else its refusal. */
  public Outcome<RegisteredClient> exchanging(String name) {
    RegisteredClient client = byName.get(name);
    return client == null
        ? Outcome.refused(Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED).seen("client " + name))
        : permitted(client, ClientRight.EXCHANGE);
  }

  /**
   * The client of an exchange: the authenticated one, or else the one that the credential is about.
   * A client's own assertion is a credential of that client alone.
   *
   * @param authenticated the name of the client that has proved itself beside the credential; null
   *     if none has
   * @return the client; empty if there is none
   */
  public Outcome<Optional<String>> exchanging(
      VerifiedIdentity identity, @Nullable String authenticated) {
    RegisteredClient client = of(identity);
    if (client != null && client.disabled()) {
      return permitted(client, ClientRight.EXCHANGE).map(_ -> Optional.empty());
    }
    if (client == null || (authenticated != null && !identity.issuer().client())) {
      return Outcome.accepted(Optional.ofNullable(authenticated));
    }
    if (authenticated != null && !authenticated.equals(client.name())) {
      return Outcome.refused(
          Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED)
              .expected("a credential that is no assertion of another client")
              .seen("an assertion of client " + client.name()));
    }
    return permitted(client, ClientRight.EXCHANGE).map(known -> Optional.of(known.name()));
  }

  static Outcome<RegisteredClient> permitted(RegisteredClient client, ClientRight right) {
    if (client.disabled()) {
      return Outcome.refused(
          Refusal.of(RefusalReason.CLIENT_DISABLED)
              .expected("a client that is not disabled")
              .seen("client " + client.name()));
    }
    return client.may().contains(right)
        ? Outcome.accepted(client)
        : Outcome.refused(
            Refusal.of(RefusalReason.CLIENT_NOT_PERMITTED)
                .expected(right.label())
                .seen("client " + client.name()));
  }
}
