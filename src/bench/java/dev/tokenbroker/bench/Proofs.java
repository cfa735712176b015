package dev.tokenbroker.bench;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executor;

/** A DPoP proof for each call, by one key (RFC 9449). */
final class Proofs extends CallCredentials {

  private static final Metadata.Key<String> DPOP =
      Metadata.Key.of("dpop", Metadata.ASCII_STRING_MARSHALLER);

  private final JWSHeader header;
  private final ECDSASigner signer;
  private final String uri;

  /**
   * @param issuer the address of the broker, as it tells it
   */
  Proofs(String issuer) throws JOSEException {
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
    this.header =
        new JWSHeader.Builder(JWSAlgorithm.ES256)
            .type(new JOSEObjectType("dpop+jwt"))
            .jwk(key.toPublicJWK())
            .build();
    this.signer = new ECDSASigner(key);
    this.signer.getJCAContext().setProvider(AmazonCorrettoCryptoProvider.INSTANCE);
    this.uri = issuer + "/tokenbroker.v1.TokenBroker/ExchangeToken";
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    SignedJWT proof =
        new SignedJWT(
            header,
            new JWTClaimsSet.Builder()
                .jwtID(UUID.randomUUID().toString())
                .claim("htm", "POST")
                .claim("htu", uri)
                .claim("iat", Instant.now().getEpochSecond())
                .build());
    try {
      proof.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    Metadata headers = new Metadata();
    headers.put(DPOP, proof.serialize());
    applier.apply(headers);
  }
}
