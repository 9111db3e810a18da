"""The custody code of a stay: a ledger of merits and demerits, the level that follows, and who decided it.

Pure and bitemporal: ``ledger`` keeps what was posted and when it became known, ``history`` says from it
what held when, as known at any moment; ``codes`` runs that beside a facility's stream and writes
``silver.custody_code``; ``extract`` is the sealed form for a court.
"""
