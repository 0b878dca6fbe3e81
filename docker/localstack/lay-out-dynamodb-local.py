#!/usr/bin/env python3
"""Lays the jars of DynamoDBLocal out as LocalStack 4.14.0 expects to find them, so that it downloads nothing at start.

usage: lay-out-dynamodb-local.py JARS DESTINATION JAVA_HOME
writes DESTINATION/dynamodb-local/2/ (jars, and a DynamoDBLocal.jar that names them all) and DESTINATION/java/21
"""
import shutil
import sys
import zipfile
from pathlib import Path

jars, destination, java_home = (Path(argument) for argument in sys.argv[1:4])
home = destination / "dynamodb-local" / "2"
library = home / "DynamoDBLocal_lib"
library.mkdir(parents=True)

# What only DynamoDBLocal's own tests need, and native libraries of other systems.
UNUSED = ("mockito", "hamcrest", "objenesis")
class_path = ["."]
for jar in sorted(jars.iterdir()):
    if jar.name.startswith("byte-buddy-agent"):
        shutil.copy(jar, home / "ddb-local-loader-0.1.jar")
    elif not jar.name.startswith(UNUSED) and jar.suffix not in (".dll", ".dylib") and "i386" not in jar.name:
        shutil.copy(jar, library)
        if jar.suffix == ".jar":
            class_path.append(f"DynamoDBLocal_lib/{jar.name}")

# A line of a manifest has at most 72 bytes, its end included; a line that goes on begins with a space.
rest = "Class-Path: " + " ".join(class_path)
lines = [rest[:70]]
rest = rest[70:]
while rest:
    lines.append(" " + rest[:69])
    rest = rest[69:]
manifest = [
    "Manifest-Version: 1.0",
    "Main-Class: software.amazon.dynamodb.services.local.main.ServerRunner",
    *lines,
]
with zipfile.ZipFile(home / "DynamoDBLocal.jar", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("META-INF/MANIFEST.MF", "\r\n".join(manifest) + "\r\n\r\n")

(destination / "java").mkdir(parents=True)
(destination / "java" / "21").symlink_to(java_home)
