{{ published_events('mart_accidents_total', events='incidents', total='incidents_total', counts=incident_measures()) }}
