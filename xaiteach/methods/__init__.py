"""The explanation methods: one short file each, one signature for all; `xt` loads each when it is first used."""
