package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.OwnKeys;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetSource;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client as declared in the document, without problems.
 *
 * @param proof how it proves itself; null if by its own keys
 * @param signer the client as the issuer of its assertions; null if it proves itself otherwise
 */
record DeclaredClient(
    String name,
    @Nullable ClientProof proof,
    @Nullable DeclaredIssuer signer,
    Set<ClientRight> may,
    boolean disabled) {

  RegisteredClient registered(Function<KeyLocation, KeySetSource> remoteKeys) {
    return new RegisteredClient(
        name,
        proof == null ? new OwnKeys(Objects.requireNonNull(signer).trusted(remoteKeys)) : proof,
        may,
        disabled);
  }
}
