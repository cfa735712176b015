package dev.tokenbroker.base.jose;

import java.util.List;
import java.util.stream.Stream;

/** Those that are to be had on this machine, so that what holds for one is shown for all. */
public final class SignatureProviders {

  private SignatureProviders() {}

  /** AWS-LC where its library loads, and the JDK. */
  public static Stream<SignatureProvider> each() {
    List<SignatureProvider> all = List.of(SignatureProvider.automatic(), SignatureProvider.jdk());
    return all.getFirst().name().equals("jdk") ? all.stream().skip(1) : all.stream();
  }
}
