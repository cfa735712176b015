package dev.tokenbroker.peers.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one replica tells about itself.
 *
 * @param id random, new at each start of the process
 * @param sequence grows with each message of that process
 * @param leaving whether the process stops and counts no more
 * @param facts by their names
 */
public record Replica(String id, long sequence, boolean leaving, SortedMap<String, String> facts) {

  /** The fact with the name for operators. */
  static final String NAME = "name";

  /** The fact which revision of the federation is in force. */
  public static final String REVISION = "revision";

  /** The fact whether the replica answers exchanges: {@code true} or {@code false}. */
  public static final String READY = "ready";

  public Replica {
    facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
  }

  /** One fact; empty if the replica does not tell it. */
  public String fact(String name) {
    return facts.getOrDefault(name, "");
  }

  /** The name for operators. Two replicas may have the same one. */
  public String name() {
    return facts.getOrDefault(NAME, id);
  }

  byte[] content() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(id);
      out.writeLong(sequence);
      out.writeBoolean(leaving);
      out.writeShort(facts.size());
      for (Map.Entry<String, String> fact : facts.entrySet()) {
        out.writeUTF(fact.getKey());
        out.writeUTF(fact.getValue());
      }
    } catch (IOException never) {
      throw new UncheckedIOException(never);
    }
    return bytes.toByteArray();
  }

  /** Reads the content of an entry; empty if it is none, as of another build. */
  static Optional<Replica> read(byte[] content) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
      String id = in.readUTF();
      long sequence = in.readLong();
      boolean leaving = in.readBoolean();
      int count = in.readUnsignedShort();
      SortedMap<String, String> facts = new TreeMap<>();
      for (int at = 0; at < count; at++) {
        facts.put(in.readUTF(), in.readUTF());
      }
      return Optional.of(new Replica(id, sequence, leaving, facts));
    } catch (IOException otherForm) {
      return Optional.empty();
    }
  }
}
