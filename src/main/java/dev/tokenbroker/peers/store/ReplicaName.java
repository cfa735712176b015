package dev.tokenbroker.peers.store;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the name of this replica for operators. */
final class ReplicaName {

  private static final int MOST = 64;

  private ReplicaName() {}

  /** The name by the settings, else by the environment, else by the machine. */
  static String of(StoreSettings settings) {
    return cut(settings.replicaName().orElseGet(ReplicaName::ofHost));
  }

  private static String ofHost() {
    String name = System.getenv("HOSTNAME");
    if (name != null && !name.isBlank()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) { // a machine whose own name does not resolve
      return "(unnamed)";
    }
  }

  private static String cut(String name) {
    return name.length() > MOST ? name.substring(0, MOST) : name;
  }
}
