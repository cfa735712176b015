package dev.tokenbroker.process.runtime;

import io.quarkus.tls.BaseTlsConfiguration;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.util.Optional;

/**
 * TLS configurations: one that checks certificates and host names, one that does not check names,
 * and one that trusts every certificate.
 *
 * @param defaultTrustsAll whether the one without a name trusts every certificate
 */
record NamedTls(boolean defaultTrustsAll) implements TlsConfigurationRegistry {

  @Override
  public Optional<TlsConfiguration> get(String name) {
    return switch (name) {
      case "checked" -> Optional.of(new Checking("HTTPS", false));
      case "unchecked" -> Optional.of(new Checking("NONE", false));
      case "trusting" -> Optional.of(new Checking("HTTPS", true));
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<TlsConfiguration> getDefault() {
    return Optional.of(new Checking("HTTPS", defaultTrustsAll));
  }

  @Override
  public void register(String name, TlsConfiguration configuration) {
    throw new UnsupportedOperationException();
  }

  private static final class Checking extends BaseTlsConfiguration {

    private final String algorithm;
    private final boolean trustsAll;

    Checking(String algorithm, boolean trustsAll) {
      this.algorithm = algorithm;
      this.trustsAll = trustsAll;
    }

    @Override
    public Optional<String> getHostnameVerificationAlgorithm() {
      return Optional.of(algorithm);
    }

    @Override
    public boolean isTrustAll() {
      return trustsAll;
    }
  }
}
